// Verification by code or link: sends the code or link, and checks the attempt. All sign-in, sign-up and profile flows use it.

import { decideCodeAttempt } from "../accounts/code-attempt";
import { equalSecrets } from "../constant-time";
import type { ClerkContext } from "../context";
import { alreadyVerified, strategyInvalid, verificationMissing } from "../errors";
import { randomToken } from "../ids";
import type { VerificationRecord } from "../store/records";
import { newVerification } from "../store/verification-record";
import { emailCode, emailLink, type Recipient, smsCode } from "../webhooks/outbox";

export const codeStrategies = [
  "email_code",
  "phone_code",
  "reset_password_email_code",
  "reset_password_phone_code",
] as const;
export type CodeStrategy = (typeof codeStrategies)[number];

/** The kinds of record whose address a link verifies: a sign-up, a sign-in, or an email address that a user added. */
const linkKinds = ["sign_up", "sign_in", "email"] as const;
type LinkTarget = { kind: (typeof linkKinds)[number]; id: string };

/** Throws when the identification is verified already, so no second code is sent for it. */
export function requireUnverified(verification: VerificationRecord | null): void {
  if (verification?.status === "verified") throw alreadyVerified();
}

/** Sends a code. Returns the verification record to store. */
export function prepareCode(
  context: ClerkContext,
  strategy: CodeStrategy,
  recipient: Recipient,
): VerificationRecord {
  const isReset = strategy.startsWith("reset_password");
  const isPhone = strategy.endsWith("phone_code");
  const send = isPhone ? smsCode : emailCode;
  return {
    ...newVerification(strategy, "unverified"),
    attempts: 0,
    expireAt: context.clock.now() + context.settings.codeLifetimeMs,
    code: send(context, recipient, isReset ? "reset_password_code" : "verification_code"),
    ...(isPhone
      ? { phoneId: recipient.identificationId }
      : { emailId: recipient.identificationId }),
  };
}

/** Emails a link. Opening the link verifies the address and redirects to `redirectUrl`. */
export function prepareLink(
  context: ClerkContext,
  recipient: Recipient,
  target: LinkTarget,
  redirectUrl: string,
): VerificationRecord {
  const secret = randomToken(43);
  const token = `${target.kind}.${target.id}.${secret}`;
  emailLink(context, recipient, `${context.proxyUrl}/v1/verify?token=${token}`);
  return {
    ...newVerification("email_link", "unverified"),
    expireAt: context.clock.now() + context.settings.codeLifetimeMs,
    code: secret,
    emailId: recipient.identificationId,
    redirectUrl,
  };
}

/** Decodes the token of a link without checking it. `openLink` then compares the secret. */
export function decodeLink(token: string): (LinkTarget & { secret: string }) | undefined {
  const [given, id = "", secret = ""] = token.split(".");
  const kind = linkKinds.find((each) => each === given);
  return kind && { kind, id, secret };
}

/**
 * Returns the verification as it is after its link was opened: verified or expired. Null when the link belongs to another
 * verification or was opened before.
 */
export function openLink(
  context: ClerkContext,
  verification: VerificationRecord | null,
  secret: string,
): VerificationRecord | null {
  if (verification?.strategy !== "email_link" || verification.status !== "unverified") return null;
  if (!equalSecrets(secret, verification.code ?? "")) return null;
  const isExpired = (verification.expireAt ?? 0) <= context.clock.now();
  return { ...verification, status: isExpired ? "expired" : "verified", code: null };
}

/** Checks a code. Returns the verified record if the code is correct. Passes a failed attempt to `store` before it throws. */
export function attemptCode(
  context: ClerkContext,
  verification: VerificationRecord | null,
  given: string,
  store: (verification: VerificationRecord) => void,
): VerificationRecord {
  if (!verification) throw verificationMissing();
  if (verification.strategy === "email_link") throw strategyInvalid();
  const { patch, refusal } = decideCodeAttempt(verification, given, {
    now: context.clock.now(),
    maxAttempts: context.settings.codeMaxAttempts,
  });
  const attempted = { ...verification, ...patch };
  if (!refusal) return attempted;
  if (patch) store(attempted);
  throw refusal;
}
