// Proving who somebody is, by what they have or know: the same when signing in and when asked again.

import type { ClerkContext } from "../context";
import { codeWrong, paramMissing, passwordWrong, strategyInvalid } from "../errors";
import type { UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { verifyPassword } from "./passwords";
import { consumeBackupCode, isBackupCode, isTotpCode } from "./second-factors";
import { attemptCode, type CodeStrategy, codeStrategies, prepareCode } from "./verifications";

export function codeStrategyOf(strategy: string | undefined): CodeStrategy | undefined {
  return codeStrategies.find((each) => each === strategy);
}

/** Sends a code to a verified address or number of theirs: the one that is named, else the primary one. */
export function sendFactorCode(
  context: ClerkContext,
  user: UserRecord,
  strategy: CodeStrategy,
  identificationId: string | undefined,
): VerificationRecord {
  const { to, id } = strategy.endsWith("phone_code")
    ? ownNumber(context, user, identificationId)
    : ownAddress(user, identificationId);
  return prepareCode(context, strategy, { to, userId: user.id, identificationId: id });
}

export function ownAddress(user: UserRecord, id: string | undefined) {
  const email = user.emails.find((each) => each.id === (id ?? user.primaryEmailId));
  if (email?.verification?.status !== "verified") throw strategyInvalid();
  return { to: email.address, id: email.id };
}

function ownNumber(context: ClerkContext, user: UserRecord, id: string | undefined) {
  const wanted = id ?? user.phones.find((each) => each.isDefaultSecondFactor)?.id;
  const phone = user.phones.find((each) => each.id === (wanted ?? user.primaryPhoneId));
  if (context.settings.phone === "off" || phone?.verification?.status !== "verified") {
    throw strategyInvalid();
  }
  return { to: phone.number, id: phone.id };
}

type Failure = () => void;

/** The one that is theirs still when it has been reckoned. */
export async function attemptPassword(
  context: ClerkContext,
  user: UserRecord,
  password: string | undefined,
  onFailure: Failure,
): Promise<VerificationRecord> {
  if (!password) throw paramMissing("password");
  if (!user.passwordHash) throw strategyInvalid();
  const isRight = await verifyPassword(password, user.passwordHash);
  const { passwordHash } = context.state.users.get(user.id) ?? {};
  if (isRight && passwordHash === user.passwordHash) return verifiedWith("password");
  onFailure();
  throw passwordWrong();
}

/** The code that was sent before, for the same strategy. */
export function attemptFactorCode(
  context: ClerkContext,
  before: VerificationRecord | null,
  given: { strategy: string; code: string | undefined },
  onFailure: (kept: VerificationRecord) => void,
): VerificationRecord {
  if (!given.code) throw paramMissing("code");
  if (before && before.strategy !== given.strategy) throw strategyInvalid();
  return attemptCode(context, before, given.code, onFailure);
}

/** The code of an authenticator app, or a backup code, which is spent by it. */
export function attemptSecondFactor(
  context: ClerkContext,
  user: UserRecord,
  given: { strategy: string; code: string | undefined },
  onFailure: Failure,
): { user: UserRecord; verification: VerificationRecord } {
  const { strategy, code } = given;
  if (!code) throw paramMissing("code");
  if (strategy !== "totp" && strategy !== "backup_code") throw strategyInvalid();
  const isRight = strategy === "totp" ? isTotpCode(context, user, code) : isBackupCode(user, code);
  if (!isRight) {
    onFailure();
    throw codeWrong();
  }
  const after = strategy === "backup_code" ? consumeBackupCode(context, user, code) : user;
  return { user: after, verification: verifiedWith(strategy) };
}
