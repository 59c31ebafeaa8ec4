// Decides whether an attempt at a one-time code succeeds. Used by sign-in, sign-up, identifications and organization domains.

import { equalSecrets } from "../constant-time";
import {
  alreadyVerified,
  codeExpired,
  codeFailed,
  codeWrong,
  type Refusal,
  verificationMissing,
} from "../errors";
import type { VerificationRecord } from "../store/records";

export type CodeVerification = Pick<
  VerificationRecord,
  "status" | "attempts" | "expireAt" | "code"
>;

type CodeDecision = {
  /** The fields that the caller stores on the verification, also after a failed attempt. If null, no field changes. */
  patch: {
    status: "unverified" | "verified" | "failed" | "expired";
    attempts: number | null;
    code: string | null;
  } | null;
  refusal: Refusal | null;
};

/**
 * Checks an attempt without storing anything. The patch erases a code that was used, has expired or has no attempts left, so that
 * this code never matches again.
 */
export function decideCodeAttempt(
  verification: CodeVerification | null,
  given: string,
  { now, maxAttempts }: { now: number; maxAttempts: number },
): CodeDecision {
  if (!verification) return { patch: null, refusal: verificationMissing() };
  if (verification.status === "verified" || verification.status === "transferable") {
    return { patch: null, refusal: alreadyVerified() };
  }
  if (verification.status === "failed") return { patch: null, refusal: codeFailed() };
  if ((verification.expireAt ?? 0) <= now) {
    const { attempts } = verification;
    return { patch: { status: "expired", attempts, code: null }, refusal: codeExpired() };
  }
  const attempts = (verification.attempts ?? 0) + 1;
  const { code } = verification;
  if (equalSecrets(given.trim(), code ?? "")) {
    return { patch: { status: "verified", attempts, code: null }, refusal: null };
  }
  if (attempts < maxAttempts) {
    return { patch: { status: "unverified", attempts, code }, refusal: codeWrong() };
  }
  return { patch: { status: "failed", attempts, code: null }, refusal: codeFailed() };
}
