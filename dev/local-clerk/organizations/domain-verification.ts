// The one-time code by which a member proves access to an email address of an organization's domain.

import { decideCodeAttempt } from "../accounts/code-attempt";
import type { ClerkContext } from "../context";
import type { Refusal } from "../errors";
import type { OrganizationDomainRecord } from "../store/records-instance";
import { newCode } from "../webhooks/outbox";

type DomainVerification = NonNullable<OrganizationDomainRecord["verification"]>;

export function newDomainCode(context: ClerkContext, to: string): DomainVerification {
  return {
    status: "unverified",
    strategy: "affiliation_email_code",
    attempts: 0,
    expireAt: context.clock.now() + context.settings.codeLifetimeMs,
    verifiedAt: null,
    code: newCode(context, to),
  };
}

/**
 * Checks a code that the user entered. The `verification` of the result is the record to store, also after a failed attempt; it
 * is null when nothing changes.
 */
export function attemptDomainCode(
  context: ClerkContext,
  before: DomainVerification | null,
  given: string,
): { verification: DomainVerification | null; refusal: Refusal | null } {
  const now = context.clock.now();
  const maxAttempts = context.settings.codeMaxAttempts;
  const { patch, refusal } = decideCodeAttempt(before, given, { now, maxAttempts });
  if (!before || !patch) return { verification: null, refusal };
  const verifiedAt = patch.status === "verified" ? now : null;
  return { verification: { ...before, ...patch, verifiedAt }, refusal };
}
