/**
 * Reverification: actions that a stolen, unlocked session must not perform need a recently verified factor.
 * https://clerk.com/docs/guides/secure/reverification
 */
import type { SessionClaims } from "./claims";

/**
 * Clerk's preset "strict": a factor was verified in the last 10 minutes; the second factor if the user has one, or else the
 * first.
 */
export const REVERIFICATION = "strict";

const WITHIN_S = 10 * 60;

export function isReverified({ verifiedAt }: SessionClaims, nowSeconds: number): boolean {
  const latest = verifiedAt.second ?? verifiedAt.first;
  return latest !== null && nowSeconds - latest < WITHIN_S;
}
