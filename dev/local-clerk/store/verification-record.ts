// Creates verification records. Used by all folders of the local Clerk above `store/`.

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

/** Creates the record of a verification that has succeeded. */
export function verifiedWith(strategy: VerificationRecord["strategy"]): VerificationRecord {
  return newVerification(strategy, "verified");
}
