// A person on the wire. The Backend API and webhooks see private metadata; the person's own browser
// does not, but sees the memberships.

import type { EmailRecord, UserRecord } from "../records";
import type { World } from "../world";
import { membershipForClient } from "./membership";
import { userImageUrl } from "./public-user";
import { verificationJson } from "./verification";

export function emailJson(world: World, email: EmailRecord) {
  return {
    id: email.id,
    object: "email_address",
    email_address: email.address,
    reserved: email.isReserved,
    verification: email.verification
      ? verificationJson(email.verification, world.clock.now())
      : null,
    linked_to: [],
    matches_sso_connection: false,
    created_at: email.createdAt,
    updated_at: email.updatedAt,
  };
}

function sharedUserJson(world: World, user: UserRecord) {
  return {
    id: user.id,
    object: "user",
    external_id: user.externalId,
    primary_email_address_id: user.primaryEmailId,
    primary_phone_number_id: null,
    primary_web3_wallet_id: null,
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
    profile_image_url: userImageUrl(world, user.id),
    image_url: userImageUrl(world, user.id),
    has_image: false,
    public_metadata: user.publicMetadata,
    unsafe_metadata: user.unsafeMetadata,
    email_addresses: user.emails.map((email) => emailJson(world, email)),
    phone_numbers: [],
    web3_wallets: [],
    passkeys: [],
    password_enabled: user.passwordHash !== null,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    password_last_updated_at: user.passwordUpdatedAt,
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    last_sign_in_at: user.lastSignInAt,
    banned: user.isBanned,
    locked: user.isLocked,
    deprovisioned: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: 100,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    delete_self_enabled: user.deleteSelfEnabled,
    create_organization_enabled: user.createOrganizationEnabled,
    last_active_at: user.lastActiveAt,
    legal_accepted_at: null,
  };
}

export function userForServer(world: World, user: UserRecord) {
  return {
    ...sharedUserJson(world, user),
    locale: null,
    private_metadata: user.privateMetadata,
    create_organizations_limit: null,
    bypass_client_trust: false,
  };
}

export function userForClient(world: World, user: UserRecord) {
  return {
    ...sharedUserJson(world, user),
    organization_memberships: world.state.membershipsByUser
      .all(user.id)
      .map((membership) => membershipForClient(world, membership)),
  };
}
