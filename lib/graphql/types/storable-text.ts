/**
 * True if Postgres can store this text. An id that it cannot store matches no row, and a query for it would be a database
 * error.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
