/** Compares the name that a user typed with the name on the page. */

/**
 * Characters that users can neither see nor type: format characters (zero-width spaces and joiners, direction marks), control
 * characters and Hangul fillers.
 */
const INVISIBLE = /[\p{Cf}\p{Cc}\u115f\u1160\u3164\uffa0]/gu;

const normalized = (text: string) =>
  text.normalize("NFKC").replace(/\s+/gu, " ").replace(INVISIBLE, "").trim().toLowerCase();

/**
 * True if the names look the same. Ignores case, repeated spaces and invisible characters. False if nothing visible was typed.
 */
export function isSameName(typed: string, name: string): boolean {
  return normalized(typed) !== "" && normalized(typed) === normalized(name);
}
