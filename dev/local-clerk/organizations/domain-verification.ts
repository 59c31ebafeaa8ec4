// The code that shows that somebody belongs to a domain.

import type { ClerkContext } from "../context";
import { codeExpired, codeFailed, codeWrong, type Refusal, verificationMissing } from "../errors";
import type { OrganizationDomainRecord } from "../store/records-instance";
import { newCode } from "../webhooks/outbox";

type DomainVerification = NonNullable<OrganizationDomainRecord["verification"]>;

export function newDomainCode(context: ClerkContext): DomainVerification {
  return {
    status: "unverified",
    strategy: "affiliation_email_code",
    attempts: 0,
    expireAt: context.clock.now() + context.settings.codeLifetimeMs,
    verifiedAt: null,
    code: newCode(),
  };
}

/** How it stands after the try, and the refusal if it failed. */
export function attemptCode(
  context: ClerkContext,
  verification: DomainVerification | null,
  given: string,
): { verification: DomainVerification; failure: Refusal | null } {
  if (verification?.status !== "unverified") throw verificationMissing();
  const now = context.clock.now();
  if ((verification.expireAt ?? 0) <= now) {
    return { verification: { ...verification, status: "expired" }, failure: codeExpired() };
  }
  const attempts = (verification.attempts ?? 0) + 1;
  if (given.trim() === verification.code) {
    const done = { status: "verified" as const, verifiedAt: now, code: null };
    return { verification: { ...verification, ...done, attempts }, failure: null };
  }
  const isOver = attempts >= context.settings.codeMaxAttempts;
  return {
    verification: { ...verification, attempts, status: isOver ? "failed" : "unverified" },
    failure: isOver ? codeFailed() : codeWrong(),
  };
}
