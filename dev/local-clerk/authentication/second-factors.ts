// Codes of an authenticator app (RFC 6238: 30 s, six digits, SHA-1) and backup codes.

import { createHmac, randomBytes, randomInt } from "node:crypto";
import { updateUser } from "../accounts/users";
import type { ClerkContext } from "../context";
import type { UserRecord } from "../store/records";

const stepMs = 30_000;
const base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

export function newTotpSecret(): string {
  return [...randomBytes(32)].map((byte) => base32.charAt(byte % 32)).join("");
}

export function totpCode(secret: string, now: number): string {
  const bits = [...secret].map((letter) => base32.indexOf(letter).toString(2).padStart(5, "0"));
  const bytes = bits.join("").match(/.{8}/g) ?? [];
  const key = Buffer.from(bytes.map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(now / stepMs)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 0xf;
  const number = (mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000;
  return String(number).padStart(6, "0");
}

/** One step early or late is forgiven. */
export function isTotpCode(context: ClerkContext, user: UserRecord, given: string): boolean {
  const { totpSecret } = user;
  if (!totpSecret) return false;
  const now = context.clock.now();
  return [-stepMs, 0, stepMs].some((shift) => totpCode(totpSecret, now + shift) === given.trim());
}

export function isBackupCode(user: UserRecord, given: string): boolean {
  return user.backupCodes.includes(given.trim().toLowerCase());
}

/** A backup code works once. */
export function consumeBackupCode(
  context: ClerkContext,
  user: UserRecord,
  given: string,
): UserRecord {
  const code = given.trim().toLowerCase();
  return updateUser(context, user, {
    backupCodes: user.backupCodes.filter((each) => each !== code),
  });
}

export function newBackupCodes(): string[] {
  return Array.from({ length: 10 }, () =>
    Array.from({ length: 8 }, () => base32.charAt(randomInt(32)).toLowerCase()).join(""),
  );
}

export function totpUri(context: ClerkContext, user: UserRecord, secret: string): string {
  const issuer = encodeURIComponent(context.settings.applicationName);
  const label = encodeURIComponent(user.emails[0]?.address ?? user.username ?? user.id);
  return `otpauth://totp/${issuer}:${label}?secret=${secret}&issuer=${issuer}&algorithm=SHA1&digits=6&period=30`;
}
