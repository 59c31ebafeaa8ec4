/** Compares the name that a user typed with the name on the page. */

/** Format characters (zero-width spaces and joiners, direction marks), which users can neither see nor type. */
const INVISIBLE = /[\p{Cf}\p{Cc}\u115f\u1160\u3164\uffa0]/gu;

const normalized = (text: string) =>
  text.normalize("NFKC").replace(/\s+/gu, " ").replace(INVISIBLE, "").trim().toLowerCase();

/** True if the names look the same. Ignores case, repeated spaces and characters without a shape. */
export function isSameName(typed: string, name: string): boolean {
  return normalized(typed) !== "" && normalized(typed) === normalized(name);
}
