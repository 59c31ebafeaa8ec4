/** Can Postgres store this text? An id that it cannot store matches no row, and a query for it is a database error. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes("\u0000");
}
