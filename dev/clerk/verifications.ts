// Codes: sent, tried, spent. The rules are the same wherever a code is asked for.

import { timingSafeEqual } from "node:crypto";
import { alreadyVerified, codeExpired, codeFailed, codeWrong, verificationMissing } from "./errors";
import { sendCode } from "./outbox";
import type { VerificationRecord } from "./records";
import type { World } from "./world";

type CodeStrategy = "email_code" | "reset_password_email_code";

/** A verification that is over and good. */
export function verifiedWith(strategy: VerificationRecord["strategy"]): VerificationRecord {
  return blank(strategy, "verified");
}

function blank(
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

export function prepareCode(
  world: World,
  strategy: CodeStrategy,
  to: { address: string; userId: string | null; emailId: string | null },
): VerificationRecord {
  const purpose = strategy === "email_code" ? "verification_code" : "reset_password_code";
  return {
    ...blank(strategy, "unverified"),
    attempts: 0,
    expireAt: world.clock.now() + world.settings.codeLifetimeMs,
    code: sendCode(world, to, purpose),
    emailId: to.emailId,
  };
}

/** Gives the verified record; stores the failed try through `keep` before it refuses. */
export function attemptCode(
  world: World,
  verification: VerificationRecord | null,
  given: string,
  keep: (verification: VerificationRecord) => void,
): VerificationRecord {
  if (!verification) throw verificationMissing();
  if (verification.status === "verified") throw alreadyVerified();
  if (verification.status === "failed") throw codeFailed();
  if ((verification.expireAt ?? 0) <= world.clock.now()) {
    keep({ ...verification, status: "expired", code: null });
    throw codeExpired();
  }
  const attempts = (verification.attempts ?? 0) + 1;
  if (!isSame(given, verification.code ?? "")) {
    if (attempts < world.settings.codeMaxAttempts) {
      keep({ ...verification, attempts });
      throw codeWrong();
    }
    keep({ ...verification, attempts, status: "failed", code: null });
    throw codeFailed();
  }
  return { ...verification, attempts, status: "verified", code: null };
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given.trim()), Buffer.from(expected)];
  return a.length > 0 && a.length === b.length && timingSafeEqual(a, b);
}
