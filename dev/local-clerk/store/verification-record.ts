// Creates verification records. The functions are in `store/` because several folders above `store/` use them.

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
