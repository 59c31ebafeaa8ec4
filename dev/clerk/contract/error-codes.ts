// The codes of refusals, with the statuses they come with, as Clerk's index of errors publishes them
// (clerk.com/docs/guides/development/errors): of those that are answered here.

import { z } from "zod";

const refusalShape = z.object({ errors: z.array(z.object({ code: z.string() })) });

const published: Record<string, readonly number[]> = {
  actor_token_already_used_code: [400],
  actor_token_cannot_be_revoked_code: [400],
  actor_token_not_in_sign_in_code: [400],
  actor_token_revoked_code: [400],
  already_a_member_in_organization: [400],
  authentication_invalid: [401],
  authorization_header_format_invalid: [401],
  clerk_key_invalid: [401],
  client_state_invalid: [400],
  duplicate_record: [400],
  expired_session_token_invalid: [401],
  form_code_incorrect: [422],
  form_identifier_exists: [422],
  form_identifier_not_found: [422],
  form_param_format_invalid: [422],
  form_param_invalid_time: [422],
  form_param_missing: [400, 422],
  form_param_unknown: [422],
  form_password_incorrect: [422],
  form_password_length_too_long: [422],
  form_password_length_too_short: [422],
  form_username_invalid_character: [422],
  form_username_invalid_length: [422],
  form_username_needs_non_number_char: [422],
  identification_deletion_failed: [400],
  identifier_already_signed_in: [400],
  incorrect_password: [422],
  internal_clerk_error: [500],
  invalid_redirect_url: [422],
  invitation_already_accepted: [400],
  missing_organization_permission: [403],
  no_password_set: [400],
  not_allowed_access: [403],
  oauth_account_already_connected: [400],
  oauth_callback_invalid: [400],
  organization_domain_common: [422],
  organization_invitation_already_accepted: [400],
  organization_invitation_not_pending: [404],
  organization_invitation_revoked_code: [400],
  organization_invitation_to_deleted_organization: [400],
  organization_membership_quota_exceeded: [403],
  organization_minimum_permissions_needed: [400],
  organization_not_found_or_unauthorized: [404],
  organization_role_assigned_members: [422],
  organization_role_default_creator_role: [422],
  organization_system_permission_not_modifiable: [403],
  origin_invalid: [400],
  origin_missing: [400],
  proxy_request_invalid_secret_key: [401],
  refresh_request_origin_azp_mismatch: [401],
  refresh_token_not_found: [401],
  request_body_invalid: [400],
  resource_not_found: [404],
  revoked_invitation: [400],
  service_unavailable: [503],
  session_exists: [400],
  session_reverification_required: [403],
  sign_in_token_already_used_code: [400],
  sign_in_token_cannot_be_revoked_code: [400],
  sign_in_token_not_in_sign_in_code: [400],
  sign_in_token_revoked_code: [400],
  sign_up_mode_restricted: [403],
  sign_up_restricted_waitlist: [403],
  strategy_for_user_invalid: [400],
  ticket_expired_code: [400],
  ticket_invalid_code: [400],
  too_many_requests: [429],
  totp_disabled: [400],
  totp_incorrect_code: [422],
  unsupported_content_type: [415],
  user_banned: [403],
  user_create_organization_not_enabled: [403],
  user_locked: [403],
  verification_already_verified: [400],
  verification_expired: [400],
  verification_failed: [400],
  verification_missing: [400],
};

/** What is wrong with the codes of an answer; nothing when it is not a refusal. */
export function refusalFaults(status: number, body: unknown): string[] {
  const refused = refusalShape.safeParse(body);
  if (status < 400 || !refused.success) return [];
  return refused.data.errors
    .filter(({ code }) => !published[code]?.includes(status))
    .filter(({ code }) => status !== 501 || code !== "not_implemented_locally")
    .map(({ code }) => `${code} is not a code that Clerk publishes for ${status}`);
}
