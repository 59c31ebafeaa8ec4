// The JSON of a verification. The code is never included.

import type { VerificationRecord } from "../store/records";

export function verificationJson(verification: VerificationRecord, now: number) {
  const isExpired =
    verification.status === "unverified" &&
    verification.expireAt !== null &&
    verification.expireAt <= now;
  return {
    status: isExpired ? "expired" : verification.status,
    strategy: verification.strategy,
    attempts: verification.attempts,
    expire_at: verification.expireAt,
    ...(verification.strategy.startsWith("oauth_")
      ? {
          external_verification_redirect_url: verification.externalUrl ?? "",
          error: verification.error,
        }
      : {}),
  };
}
