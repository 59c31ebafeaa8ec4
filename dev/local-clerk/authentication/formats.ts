// Checks and normalises identifiers: email addresses and phone numbers.

import { z } from "zod";
import { paramInvalid } from "../errors";

const address = z.email();

export function requireEmailAddress(value: string, param = "email_address"): string {
  if (address.safeParse(value).success) return value.toLowerCase();
  throw paramInvalid(param, `${param} must be a valid email address.`);
}

export function requirePhoneNumber(value: string, param = "phone_number"): string {
  const number = value.replaceAll(/[ ()-]/g, "");
  if (/^\+[1-9]\d{6,14}$/.test(number)) return number;
  throw paramInvalid(param, `${param} must be a valid phone number according to E.164 format.`);
}
