// The JSON of the factors that a user can verify with, for sign-in and for reverification.

import type { ClerkContext } from "../context";
import type { UserRecord } from "../store/records";

/** Returns the strategies by which email addresses are verified, from the instance's settings. */
export function emailStrategies(context: ClerkContext): ("email_code" | "email_link")[] {
  const { emailVerification } = context.settings;
  if (emailVerification === "both") return ["email_link", "email_code"];
  return [emailVerification === "link" ? "email_link" : "email_code"];
}

/** Returns the kinds of identifier that the instance's settings allow. */
export function identifiers({ settings }: ClerkContext): string[] {
  return [
    ...(settings.email === "off" ? [] : ["email_address"]),
    ...(settings.phone === "off" ? [] : ["phone_number"]),
    ...(settings.username === "off" ? [] : ["username"]),
  ];
}

export function firstFactors(context: ClerkContext, user: UserRecord) {
  const factors: Record<string, unknown>[] = [];
  const hasPassword = user.passwordHash !== null && context.settings.password !== "off";
  if (hasPassword) factors.push({ strategy: "password" });
  const reset = (strategy: string) => (hasPassword ? [strategy] : []);
  for (const email of user.emails) {
    if (email.verification?.status !== "verified") continue;
    for (const strategy of [...emailStrategies(context), ...reset("reset_password_email_code")]) {
      factors.push({
        strategy,
        safe_identifier: email.address,
        email_address_id: email.id,
        primary: email.id === user.primaryEmailId,
      });
    }
  }
  for (const phone of user.phones) {
    if (context.settings.phone === "off" || phone.isSecondFactor) continue;
    if (phone.verification?.status !== "verified") continue;
    for (const strategy of ["phone_code", ...reset("reset_password_phone_code")]) {
      factors.push({
        strategy,
        safe_identifier: phone.number,
        phone_number_id: phone.id,
        primary: phone.id === user.primaryPhoneId,
        default: phone.isDefaultSecondFactor,
      });
    }
  }
  return factors;
}

/** Returns the factors that send a code to trust a new browser: by mail or by text message. */
export function trustFactors(context: ClerkContext, user: UserRecord) {
  return firstFactors(context, user).filter(
    ({ strategy }) => strategy === "email_code" || strategy === "phone_code",
  );
}

export function secondFactors(user: UserRecord) {
  const phones = user.phones.filter((each) => each.isSecondFactor);
  return [
    ...(user.isTotpVerified ? [{ strategy: "totp" }] : []),
    ...phones.map((phone) => ({
      strategy: "phone_code",
      safe_identifier: phone.number,
      phone_number_id: phone.id,
      default: phone.isDefaultSecondFactor,
    })),
    ...(user.backupCodes.length > 0 ? [{ strategy: "backup_code" }] : []),
  ];
}
