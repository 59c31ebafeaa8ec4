/**
 * True if Postgres can store this text. Check ids before a query: an id that cannot be stored matches no row, and would cause a
 * database error.
 */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
