/** What no text in Postgres can be: nothing there has such an id, and asking for it is an error of the database. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
