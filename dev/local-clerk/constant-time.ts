// Compares secrets without revealing by the response time how many characters match.

import { timingSafeEqual } from "node:crypto";

/** False when `expected` is empty, so a missing secret matches nothing. */
export function equalSecrets(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return right.length > 0 && left.length === right.length && timingSafeEqual(left, right);
}
