/**
 * Reverification: what a stolen, unlocked session must not do needs a factor that was verified lately.
 * https://clerk.com/docs/guides/secure/reverification
 */
import type { SessionClaims } from "./claims";

/** Clerk's preset "strict": the second factor of a user who has one, or else the first, within 10 minutes. */
export const REVERIFICATION = "strict";

const WITHIN_S = 10 * 60;

export function isReverified({ verifiedAt }: SessionClaims, nowSeconds: number): boolean {
  const latest = verifiedAt.second ?? verifiedAt.first;
  return latest !== null && nowSeconds - latest < WITHIN_S;
}
