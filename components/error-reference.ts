function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/**
 * Returns the id of an error in the server's log: Next's digest for an error of a page, the request id for an error of the API.
 * Undefined when the server logged nothing. Does not use zod, because every page loads this file, and zod is larger than the
 * page.
 */
export function errorReference(error: unknown): string | undefined {
  const errors = field(error, "errors");
  const first: unknown = Array.isArray(errors) ? errors[0] : undefined;
  const reference = field(error, "digest") ?? field(field(first, "extensions"), "requestId");
  return typeof reference === "string" ? reference : undefined;
}
