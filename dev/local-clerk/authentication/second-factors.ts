// Second factors: codes of an authenticator app (RFC 6238: 30 s, six digits, SHA-1) and backup codes.

import { randomInt } from "node:crypto";
import { Secret, TOTP } from "otpauth";
import { updateUser } from "../accounts/users";
import type { ClerkContext } from "../context";
import type { UserRecord } from "../store/records";

const period = 30;
const digits = 6;
const algorithm = "SHA1";
const backupCodeAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** Returns a random secret of 160 bits, the length that RFC 4226 recommends, in Base32. */
export function newTotpSecret(): string {
  return new Secret({ size: 20 }).base32;
}

/** Returns the code of an authenticator app at the time `now`, in milliseconds. */
export function totpCode(secret: string, now: number): string {
  return TOTP.generate({
    secret: Secret.fromBase32(secret),
    algorithm,
    digits,
    period,
    timestamp: now,
  });
}

export function isTotpSecret(text: string): boolean {
  return /^[A-Z2-7]+=*$/i.test(text);
}

/** Also accepts the codes of the previous and the next 30 seconds, because the clock of the user's device may be wrong. */
export function isTotpCode(context: ClerkContext, user: UserRecord, given: string): boolean {
  if (!user.totpSecret) return false;
  const secret = Secret.fromBase32(user.totpSecret);
  const timestamp = context.clock.now();
  const token = given.trim();
  return TOTP.validate({ token, secret, algorithm, digits, period, timestamp, window: 1 }) !== null;
}

export function isBackupCode(user: UserRecord, given: string): boolean {
  return user.backupCodes.includes(given.trim().toLowerCase());
}

/** Removes the given backup code from the user, because it works only once. Returns the updated user. */
export function consumeBackupCode(
  context: ClerkContext,
  user: UserRecord,
  given: string,
): UserRecord {
  const code = given.trim().toLowerCase();
  const backupCodes = user.backupCodes.filter((each) => each !== code);
  return updateUser(context, user, { backupCodes });
}

export function newBackupCodes(): string[] {
  const character = () => backupCodeAlphabet.charAt(randomInt(backupCodeAlphabet.length));
  return Array.from({ length: 10 }, () => Array.from({ length: 8 }, character).join(""));
}

/** Returns the `otpauth:` URI that an authenticator app reads from a QR code. */
export function totpUri(context: ClerkContext, user: UserRecord, secret: string): string {
  const issuer = context.settings.applicationName;
  const label = user.emails[0]?.address ?? user.username ?? user.id;
  const key = Secret.fromBase32(secret);
  return new TOTP({ issuer, label, secret: key, algorithm, digits, period }).toString();
}
