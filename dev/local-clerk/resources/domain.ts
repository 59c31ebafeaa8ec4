// The JSON of an organization's domains, and of the suggestions and membership requests of users with an address of a domain.

import type { ClerkContext } from "../context";
import type { OrganizationDomainRecord, SuggestionRecord } from "../store/records-instance";
import { publicOrganizationJson } from "./invitation";
import { publicUserJson } from "./public-user";

function verificationOf({ verification }: OrganizationDomainRecord) {
  if (!verification) return null;
  const { status, strategy, attempts, expireAt, verifiedAt } = verification;
  return { status, strategy, attempts, expire_at: expireAt, verified_at: verifiedAt };
}

export function domainJson(context: ClerkContext, domain: OrganizationDomainRecord) {
  const organization = context.state.organizations.get(domain.organizationId);
  const verification = verificationOf(domain);
  return {
    object: "organization_domain",
    id: domain.id,
    organization_id: domain.organizationId,
    name: domain.name,
    enrollment_mode: domain.enrollmentMode,
    affiliation_email_address: domain.affiliationEmail,
    affiliation_verification: verification,
    ownership_verification: null,
    verification,
    total_pending_invitations: context.state.invitationsByOrganization
      .all(domain.organizationId)
      .filter((each) => each.status === "pending" && each.emailAddress.endsWith(`@${domain.name}`))
      .length,
    total_pending_suggestions: context.state.suggestionsByOrganization
      .all(domain.organizationId)
      .filter((each) => each.status === "pending").length,
    public_organization_data: organization ? publicOrganizationJson(context, organization) : null,
    created_at: domain.createdAt,
    updated_at: domain.updatedAt,
  };
}

export function suggestionJson(context: ClerkContext, suggestion: SuggestionRecord) {
  const organization = context.state.organizations.get(suggestion.organizationId);
  return {
    object: "organization_suggestion",
    id: suggestion.id,
    public_organization_data: organization ? publicOrganizationJson(context, organization) : null,
    status: suggestion.status,
    created_at: suggestion.createdAt,
    updated_at: suggestion.updatedAt,
  };
}

export function membershipRequestJson(context: ClerkContext, request: SuggestionRecord) {
  const user = context.state.users.get(request.userId);
  return {
    object: "organization_membership_request",
    id: request.id,
    organization_id: request.organizationId,
    status: request.requestStatus,
    public_user_data: user ? publicUserJson(context, user) : null,
    created_at: request.createdAt,
    updated_at: request.updatedAt,
  };
}
