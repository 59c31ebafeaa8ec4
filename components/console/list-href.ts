/** Returns the URL of a list with these parameters. */
export function hrefOf(path: string, parameters: Record<string, string>): string {
  const search = new URLSearchParams(parameters).toString();
  return search ? `${path}?${search}` : path;
}
