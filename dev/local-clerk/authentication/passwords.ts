// Hashes passwords with scrypt, off the main thread. The plain text is never stored or logged.

import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import { passwordTooLong, passwordTooShort } from "../errors";
import type { Settings } from "../instance/settings";

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const keyLength = 32;

export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, keyLength);
  return `scrypt$${salt.toString("base64")}$${key.toString("base64")}`;
}

export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const [, salt = "", key = ""] = hash.split("$");
  const derived = await derive(password, Buffer.from(salt, "base64"), keyLength);
  return timingSafeEqual(derived, Buffer.from(key, "base64"));
}

/** Throws Clerk's error for a password that is too short or too long. `param` is the name of the form field. */
export function checkPassword(settings: Settings, password: string, param = "password"): void {
  const { passwordMinLength, passwordMaxLength } = settings;
  if (password.length < passwordMinLength) throw passwordTooShort(param, passwordMinLength);
  if (password.length > passwordMaxLength) throw passwordTooLong(param, passwordMaxLength);
}
