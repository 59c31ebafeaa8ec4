// Clerk's API errors about organizations, their members, invitations and domains.

import { formRefusal, refusal } from "../errors";

export const organizationGone = () =>
  refusal(
    404,
    "organization_not_found_or_unauthorized",
    "not found or unauthorized",
    "Given organization not found, or you don't have permission to access the organization",
  );

export const permissionMissing = (permission: string) =>
  refusal(
    403,
    "missing_organization_permission",
    "missing permission",
    "Current user is missing an organization permission.",
    { permissions: [permission] },
  );

/**
 * The error for inviting a person who is a member already. Clerk's components read the member's address from the long message.
 */
export const alreadyMember = (who: string, meta?: Record<string, unknown>) =>
  refusal(
    400,
    "already_a_member_in_organization",
    "already a member",
    `${who} is already a member of the organization.`,
    meta,
  );

export const alreadyInvited = (emailAddress: string) =>
  refusal(
    400,
    "duplicate_record",
    "duplicate invitation",
    `There are already pending invitations for the following email addresses: ${emailAddress}`,
    { param_name: "email_address", email_addresses: [emailAddress] },
  );

export const membershipsFull = (limit: number) =>
  refusal(
    403,
    "organization_membership_quota_exceeded",
    "organization membership quota exceeded",
    `You have reached your limit of ${limit} organization memberships, including outstanding invitations.`,
  );

export const lastAdmin = () =>
  refusal(
    400,
    "organization_minimum_permissions_needed",
    "minimum organization permissions needed",
    "There has to be at least one organization member with the minimum required permissions",
  );

export const adminDeleteOff = () =>
  refusal(
    403,
    "organization_admin_delete_not_enabled",
    "admin delete not enabled",
    "Deletion by admin is not enabled for this organization.",
  );

export const domainTaken = () =>
  formRefusal(
    "organization_domain_already_exists",
    "name",
    "organization domain already exists",
    "This domain is already used by another organization.",
  );

export const domainKnown = () =>
  formRefusal(
    "organization_domain_already_exists_same_organization",
    "name",
    "organization domain already exists",
    "This domain is already used by your organization.",
  );

export const domainCommon = () =>
  formRefusal(
    "organization_domain_common",
    "name",
    "common email domain",
    "This is a common email provider domain. Please use a different one.",
  );

export const domainMismatch = () =>
  formRefusal(
    "organization_domain_mismatch",
    "affiliation_email_address",
    "Organization domain mismatch",
    "The provided email address doesn't match the organization domain name.",
  );

export const domainsFull = (limit: number) =>
  refusal(
    403,
    "organization_domain_quota_exceeded",
    "organization domains quota exceeded",
    `You have reached your limit of ${limit} domains per organization.`,
  );

export const suggestionAccepted = () =>
  refusal(
    400,
    "organization_suggestion_already_accepted",
    "suggestion has already been accepted",
    "This organization suggestion has already been accepted.",
  );
