// The JSON of a user. The Backend API and webhooks get the private metadata. The user's own browser gets the
// memberships instead.

import type { ClerkContext } from "../context";
import type { EmailRecord, ExternalAccountRecord, PhoneRecord, UserRecord } from "../store/records";
import { membershipForClient } from "./membership";
import { userImageUrl } from "./public-user";
import { verificationJson } from "./verification";

export function emailJson(context: ClerkContext, email: EmailRecord) {
  return {
    id: email.id,
    object: "email_address",
    email_address: email.address,
    reserved: email.isReserved,
    verification: email.verification
      ? verificationJson(email.verification, context.clock.now())
      : null,
    linked_to: email.linkedTo,
    matches_sso_connection: false,
    created_at: email.createdAt,
    updated_at: email.updatedAt,
  };
}

export function phoneJson(context: ClerkContext, phone: PhoneRecord) {
  return {
    id: phone.id,
    object: "phone_number",
    phone_number: phone.number,
    reserved_for_second_factor: phone.isSecondFactor,
    default_second_factor: phone.isDefaultSecondFactor,
    reserved: phone.isReserved,
    verification: phone.verification
      ? verificationJson(phone.verification, context.clock.now())
      : null,
    linked_to: [],
    backup_codes: null,
    created_at: phone.createdAt,
    updated_at: phone.updatedAt,
  };
}

export function externalAccountJson(context: ClerkContext, account: ExternalAccountRecord) {
  return {
    object: "external_account",
    id: account.id,
    provider: `oauth_${account.provider}`,
    identification_id: account.identificationId,
    provider_user_id: account.providerUserId,
    approved_scopes: "email profile",
    email_address: account.emailAddress,
    first_name: account.firstName,
    last_name: account.lastName,
    avatar_url: "",
    image_url: "",
    username: null,
    phone_number: null,
    public_metadata: {},
    label: null,
    created_at: account.createdAt,
    updated_at: account.updatedAt,
    verification: verificationJson(account.verification, context.clock.now()),
  };
}

/**
 * Returns the seconds until a locked user is unlocked; null when the user is not locked, or is locked until an admin unlocks the
 * user.
 */
function lockoutSeconds(context: ClerkContext, user: UserRecord): number | null {
  if (!user.lockedUntil) return null;
  const seconds = Math.ceil((user.lockedUntil - context.clock.now()) / 1000);
  return seconds > 0 ? seconds : null;
}

export function isLocked(context: ClerkContext, user: UserRecord): boolean {
  return user.isLocked && (user.lockedUntil === null || user.lockedUntil > context.clock.now());
}

/** Returns the number of failed attempts that count towards the next lock. After a lock has expired, the number is 0. */
export function failuresOf(context: ClerkContext, user: UserRecord): number {
  return user.isLocked && !isLocked(context, user) ? 0 : user.failedAttempts;
}

function sharedUserJson(context: ClerkContext, user: UserRecord) {
  return {
    id: user.id,
    object: "user",
    external_id: user.externalId,
    primary_email_address_id: user.primaryEmailId,
    primary_phone_number_id: user.primaryPhoneId,
    primary_web3_wallet_id: null,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    profile_image_url: userImageUrl(context, user),
    image_url: userImageUrl(context, user),
    has_image: user.imageId !== null,
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    email_addresses: user.emails.map((email) => emailJson(context, email)),
    phone_numbers: user.phones.map((phone) => phoneJson(context, phone)),
    web3_wallets: [],
    passkeys: [],
    password_enabled: user.passwordHash !== null,
    two_factor_enabled: hasSecondFactor(user),
    totp_enabled: user.isTotpVerified,
    backup_code_enabled: user.backupCodes.length > 0,
    mfa_enabled_at: user.mfaEnabledAt,
    mfa_disabled_at: null,
    password_last_updated_at: user.passwordUpdatedAt,
    external_accounts: user.externalAccounts.map((each) => externalAccountJson(context, each)),
    saml_accounts: [],
    enterprise_accounts: [],
    last_sign_in_at: user.lastSignInAt,
    banned: user.isBanned,
    locked: isLocked(context, user),
    deprovisioned: false,
    lockout_expires_in_seconds: lockoutSeconds(context, user),
    verification_attempts_remaining: Math.max(
      0,
      context.settings.lockAfter - failuresOf(context, user),
    ),
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    delete_self_enabled: user.deleteSelfEnabled,
    create_organization_enabled: user.createOrganizationEnabled,
    last_active_at: user.lastActiveAt,
    legal_accepted_at: user.legalAcceptedAt,
  };
}

export function hasSecondFactor(user: UserRecord): boolean {
  return user.isTotpVerified || user.phones.some((phone) => phone.isSecondFactor);
}

export function userForServer(context: ClerkContext, user: UserRecord) {
  return {
    ...sharedUserJson(context, user),
    locale: user.locale,
    private_metadata: user.privateMetadata,
    create_organizations_limit: user.createOrganizationsLimit,
    bypass_client_trust: false,
  };
}

export function userForClient(context: ClerkContext, user: UserRecord) {
  return {
    ...sharedUserJson(context, user),
    ...(user.createOrganizationsLimit === null
      ? {}
      : { create_organizations_limit: user.createOrganizationsLimit }),
    organization_memberships: context.state.membershipsByUser
      .all(user.id)
      .map((membership) => membershipForClient(context, membership)),
  };
}
