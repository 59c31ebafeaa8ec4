/** Generates handles for users who have not chosen one: random letters and digits, which reveal nothing about the e-mail address. */
import { randomInt } from "node:crypto";

/** No user may choose a handle with this prefix. */
export const GENERATED_PREFIX = "member_";

/** Without letters and digits that look alike. */
const ALPHABET = "abcdefghjkmnpqrstuvxyz23456789";

export function generateHandle(): string {
  const letters = Array.from({ length: 10 }, () => ALPHABET[randomInt(ALPHABET.length)]);
  return `${GENERATED_PREFIX}${letters.join("")}`;
}
