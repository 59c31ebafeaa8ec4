/** Splits text into graphemes: a letter keeps its accents, and an emoji is one sign. */
const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

const LETTER = /[\p{L}\p{N}]/u;

const signsOf = (text: string) => Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Converts one grapheme to upper case, unless the result has several graphemes, as "ß" would become "SS". */
function upperCase(sign: string): string {
  const upper = sign.toUpperCase();
  return signsOf(upper).length === 1 ? upper : sign;
}

/**
 * Returns the initials of the first and the last word that contain a letter or digit. "@ana" and "ana@example.com" give "A". If
 * no word does, returns the first grapheme.
 */
export function initialsOf(name: string): string {
  const letters = name
    .split(/\s+/)
    .flatMap((word) => signsOf(word).find((sign) => LETTER.test(sign)) ?? []);
  const [first = signsOf(name.trim())[0] ?? "", ...others] = letters;
  return [first, ...others.slice(-1)].map(upperCase).join("");
}
