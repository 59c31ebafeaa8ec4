// Creates verification records. Every folder above the store uses these functions.

import type { VerificationRecord } from "./records";

export function newVerification(
  strategy: VerificationRecord["strategy"],
  status: VerificationRecord["status"],
): VerificationRecord {
  return {
    strategy,
    status,
    attempts: null,
    expireAt: null,
    code: null,
    emailId: null,
    phoneId: null,
    redirectUrl: null,
    externalUrl: null,
    roundId: null,
    error: null,
  };
}

/** A verification that has succeeded. */
export function verifiedWith(strategy: VerificationRecord["strategy"]): VerificationRecord {
  return newVerification(strategy, "verified");
}
