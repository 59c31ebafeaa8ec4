// The JSON of a sign-up in progress: missing and unverified fields, and the state of its verifications.

import type { ClerkContext } from "../context";
import type { SignUpRecord, VerificationRecord } from "../store/records";
import { emailStrategies, identifiers } from "./factors";
import { verificationJson } from "./verification";

/**
 * Returns the identifiers that the sign-up needs. If the settings require none, returns the identifier that the user entered, or
 * else the first allowed identifier.
 */
function requiredIdentifiers(context: ClerkContext, signUp: SignUpRecord): string[] {
  const { email, phone, username } = context.settings;
  const required = [
    email === "required" ? "email_address" : [],
    phone === "required" ? "phone_number" : [],
    username === "required" ? "username" : [],
  ].flat();
  if (required.length > 0) return required;
  if (signUp.emailAddress) return ["email_address"];
  if (signUp.phoneNumber) return ["phone_number"];
  if (signUp.username) return ["username"];
  return identifiers(context).slice(0, 1);
}

function requiredFields(context: ClerkContext, signUp: SignUpRecord): string[] {
  const { names, password, hasLegalConsent } = context.settings;
  return [
    requiredIdentifiers(context, signUp),
    names === "required" ? ["first_name", "last_name"] : [],
    password === "required" ? "password" : [],
    hasLegalConsent ? "legal_accepted" : [],
  ].flat();
}

/** Returns the fields that the sign-up accepts but does not need. */
function optionalFields(context: ClerkContext, required: readonly string[]): string[] {
  const { names, password } = context.settings;
  const known = [
    names === "off" ? [] : ["first_name", "last_name"],
    identifiers(context),
    password === "off" ? [] : "password",
  ].flat();
  return known.filter((field) => !required.includes(field));
}

export function missingFields(context: ClerkContext, signUp: SignUpRecord): string[] {
  const given: Record<string, unknown> = {
    email_address: signUp.emailAddress,
    phone_number: signUp.phoneNumber,
    username: signUp.username,
    first_name: signUp.firstName,
    last_name: signUp.lastName,
    password: signUp.passwordHash ?? signUp.external,
    legal_accepted: signUp.legalAcceptedAt,
  };
  return requiredFields(context, signUp).filter((field) => given[field] === null);
}

export function unverifiedFields(context: ClerkContext, signUp: SignUpRecord): string[] {
  if (!context.settings.verifiesAtSignUp) return [];
  const { emailAddress, verification, phoneNumber, phoneVerification } = signUp;
  return [
    ...(emailAddress && verification?.status !== "verified" ? ["email_address"] : []),
    ...(phoneNumber && phoneVerification?.status !== "verified" ? ["phone_number"] : []),
  ];
}

/**
 * Returns the JSON of a field's verification. `strategy` is null until the page has prepared the verification; otherwise the page
 * would skip preparing it.
 */
function fieldVerificationJson(
  context: ClerkContext,
  value: string | null,
  verification: VerificationRecord | null,
  strategies: string[],
) {
  if (!value) return null;
  const supported = { supported_strategies: strategies };
  if (!verification) {
    const unprepared = { status: "unverified", strategy: null, attempts: null, expire_at: null };
    return { ...unprepared, next_action: "needs_prepare", ...supported };
  }
  const json = verificationJson(verification, context.clock.now());
  const nextAction = {
    verified: "",
    unverified: "needs_attempt",
    failed: "needs_prepare",
    expired: "needs_prepare",
    transferable: "",
  }[json.status === "expired" ? "expired" : verification.status];
  return { ...json, next_action: nextAction, ...supported };
}

export function signUpJson(context: ClerkContext, signUp: SignUpRecord) {
  const { emailAddress, phoneNumber } = signUp;
  const required = requiredFields(context, signUp);
  return {
    object: "sign_up_attempt",
    id: signUp.id,
    status: signUp.createdUserId ? "complete" : "missing_requirements",
    required_fields: required,
    optional_fields: optionalFields(context, required),
    missing_fields: missingFields(context, signUp),
    unverified_fields: unverifiedFields(context, signUp),
    verifications: {
      email_address: fieldVerificationJson(
        context,
        emailAddress,
        signUp.verification,
        emailStrategies(context),
      ),
      phone_number: fieldVerificationJson(context, phoneNumber, signUp.phoneVerification, [
        "phone_code",
      ]),
      web3_wallet: null,
      external_account: signUp.externalVerification
        ? verificationJson(signUp.externalVerification, context.clock.now())
        : null,
    },
    username: signUp.username,
    email_address: emailAddress,
    phone_number: phoneNumber,
    web3_wallet: null,
    password_enabled: signUp.passwordHash !== null,
    first_name: signUp.firstName,
    last_name: signUp.lastName,
    unsafe_metadata: signUp.unsafeMetadata,
    public_metadata: signUp.publicMetadata,
    custom_action: signUp.hasCustomAction,
    external_id: signUp.externalId,
    created_session_id: signUp.createdSessionId,
    created_user_id: signUp.createdUserId,
    abandon_at: signUp.abandonAt,
    legal_accepted_at: signUp.legalAcceptedAt,
  };
}
