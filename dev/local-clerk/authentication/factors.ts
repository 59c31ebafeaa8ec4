// Checks a user's factors for sign-in and reverification: password, code, authenticator app, backup code.

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

/**
 * Sends a code to the user's verified address or number with the given id. Without an id, an email goes to the primary address;
 * a text message goes to the number of the default second factor, or else to the primary number.
 */
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
  const requestedId = id ?? user.phones.find((each) => each.isDefaultSecondFactor)?.id;
  const phone = user.phones.find((each) => each.id === (requestedId ?? user.primaryPhoneId));
  if (context.settings.phone === "off" || phone?.verification?.status !== "verified") {
    throw strategyInvalid();
  }
  return { to: phone.number, id: phone.id };
}

/** A callback that counts a failed attempt. Called before the error of the attempt is thrown. */
type Failure = () => void;

/** Re-reads the user after hashing: the password may have changed meanwhile. */
export async function attemptPassword(
  context: ClerkContext,
  user: UserRecord,
  password: string | undefined,
  onFailure: Failure,
): Promise<VerificationRecord> {
  if (!password) throw paramMissing("password");
  if (!user.passwordHash || context.settings.password === "off") throw strategyInvalid();
  const isCorrect = await verifyPassword(password, user.passwordHash);
  const { passwordHash } = context.state.users.get(user.id) ?? {};
  if (isCorrect && passwordHash === user.passwordHash) return verifiedWith("password");
  onFailure();
  throw passwordWrong();
}

/** Checks a code that was sent to the user. Throws if the code was sent for another strategy. */
export function attemptFactorCode(
  context: ClerkContext,
  before: VerificationRecord | null,
  given: { strategy: string; code: string | undefined },
  onFailure: (failed: VerificationRecord) => void,
): VerificationRecord {
  if (!given.code) throw paramMissing("code");
  if (before && before.strategy !== given.strategy) throw strategyInvalid();
  return attemptCode(context, before, given.code, onFailure);
}

/** Checks a code of an authenticator app, or a backup code. Removes a correct backup code from the user. */
export function attemptSecondFactor(
  context: ClerkContext,
  user: UserRecord,
  given: { strategy: string; code: string | undefined },
  onFailure: Failure,
): { user: UserRecord; verification: VerificationRecord } {
  const { strategy, code } = given;
  if (!code) throw paramMissing("code");
  if (strategy !== "totp" && strategy !== "backup_code") throw strategyInvalid();
  const isCorrect =
    strategy === "totp" ? isTotpCode(context, user, code) : isBackupCode(user, code);
  if (!isCorrect) {
    onFailure();
    throw codeWrong();
  }
  const updated = strategy === "backup_code" ? consumeBackupCode(context, user, code) : user;
  return { user: updated, verification: verifiedWith(strategy) };
}
