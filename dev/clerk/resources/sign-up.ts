// A sign-up in progress on the wire: what is missing, and whether the mail has been asked for.

import type { SignUpRecord } from "../records";
import type { World } from "../world";
import { verificationJson } from "./verification";

export function missingFields(world: World, signUp: SignUpRecord): string[] {
  const missing: string[] = [];
  if (!signUp.emailAddress) missing.push("email_address");
  if (!signUp.passwordHash && !signUp.external) missing.push("password");
  if (world.settings.hasLegalConsent && signUp.legalAcceptedAt === null) {
    missing.push("legal_accepted");
  }
  return missing;
}

export function isVerified(signUp: SignUpRecord): boolean {
  return signUp.verification?.status === "verified";
}

/** A strategy is named only once the page has asked: naming it sooner lets the page skip asking. */
function emailVerificationJson(world: World, signUp: SignUpRecord) {
  if (!signUp.emailAddress) return null;
  const supported = { supported_strategies: ["email_code"] };
  if (!signUp.verification) {
    const unasked = { status: "unverified", strategy: null, attempts: null, expire_at: null };
    return { ...unasked, next_action: "needs_prepare", ...supported };
  }
  const verification = verificationJson(signUp.verification, world.clock.now());
  const nextAction = {
    verified: "",
    unverified: "needs_attempt",
    failed: "needs_prepare",
    expired: "needs_prepare",
    transferable: "",
  }[verification.status === "expired" ? "expired" : signUp.verification.status];
  return { ...verification, next_action: nextAction, ...supported };
}

export function signUpJson(world: World, signUp: SignUpRecord) {
  const optional = world.settings.username === "off" ? [] : ["username"];
  return {
    object: "sign_up_attempt",
    id: signUp.id,
    status: signUp.createdUserId ? "complete" : "missing_requirements",
    required_fields: [
      "email_address",
      "password",
      ...(world.settings.hasLegalConsent ? ["legal_accepted"] : []),
    ],
    optional_fields: ["first_name", "last_name", ...optional],
    missing_fields: missingFields(world, signUp),
    unverified_fields: signUp.emailAddress && !isVerified(signUp) ? ["email_address"] : [],
    verifications: {
      email_address: emailVerificationJson(world, signUp),
      phone_number: null,
      web3_wallet: null,
      external_account: signUp.externalVerification
        ? verificationJson(signUp.externalVerification, world.clock.now())
        : null,
    },
    username: signUp.username,
    email_address: signUp.emailAddress,
    phone_number: null,
    web3_wallet: null,
    password_enabled: signUp.passwordHash !== null,
    first_name: signUp.firstName,
    last_name: signUp.lastName,
    unsafe_metadata: signUp.unsafeMetadata,
    public_metadata: signUp.publicMetadata,
    custom_action: false,
    external_id: null,
    created_session_id: signUp.createdSessionId,
    created_user_id: signUp.createdUserId,
    abandon_at: signUp.abandonAt,
    legal_accepted_at: signUp.legalAcceptedAt,
  };
}
