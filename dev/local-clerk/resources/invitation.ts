// The JSON of an organization invitation.

import type { ClerkContext } from "../context";
import { roleName } from "../instance/roles";
import type { InvitationRecord, OrganizationRecord, UserRecord } from "../store/records";
import { organizationImageUrl } from "./organization";
import { publicInviterJson } from "./public-user";

export function publicOrganizationJson(context: ClerkContext, organization: OrganizationRecord) {
  return {
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organizationImageUrl(context, organization),
    has_image: organization.imageId !== null,
  };
}

/** Returns the status. `expired` is computed at each read: no timer marks an invitation as expired. */
export function invitationStatus(context: ClerkContext, { status, expiresAt }: InvitationRecord) {
  return status === "pending" && expiresAt <= context.clock.now() ? "expired" : status;
}

function sharedInvitationJson(context: ClerkContext, invitation: InvitationRecord) {
  return {
    id: invitation.id,
    object: "organization_invitation",
    email_address: invitation.emailAddress,
    role: invitation.role,
    role_name: roleName(context, invitation.role),
    organization_id: invitation.organizationId,
    status: invitationStatus(context, invitation),
    public_metadata: invitation.publicMetadata,
    expires_at: invitation.expiresAt,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

export function invitationForClient(context: ClerkContext, invitation: InvitationRecord) {
  return { ...sharedInvitationJson(context, invitation), url: null };
}

/**
 * Returns the invitation's JSON for the invited user. It includes the organization's public data, because the user cannot read
 * the organization yet.
 */
export function invitationForInvited(context: ClerkContext, invitation: InvitationRecord) {
  const organization = context.state.organizations.get(invitation.organizationId);
  return {
    ...sharedInvitationJson(context, invitation),
    url: null,
    public_organization_data: organization ? publicOrganizationJson(context, organization) : null,
  };
}

export function invitationForServer(context: ClerkContext, invitation: InvitationRecord) {
  const inviter = context.state.users.get(invitation.inviterId);
  const ticket = context.state.ticketsByInvitation.first(invitation.id);
  return {
    ...sharedInvitationJson(context, invitation),
    url: ticket ? `${context.proxyUrl}/v1/tickets/accept?ticket=${ticket.token}` : null,
    private_metadata: invitation.privateMetadata,
    inviter_id: invitation.inviterId,
    public_inviter_data: inviter ? publicInviterJson(context, inviter) : null,
  };
}

export function invitationWithOrganization(context: ClerkContext, invitation: InvitationRecord) {
  const organization = context.state.organizations.get(invitation.organizationId);
  return {
    ...invitationForServer(context, invitation),
    ...(organization
      ? { public_organization_data: publicOrganizationJson(context, organization) }
      : {}),
  };
}

export function acceptedInvitationJson(
  context: ClerkContext,
  invitation: InvitationRecord,
  user: UserRecord,
  organization: OrganizationRecord,
) {
  return {
    ...invitationForServer(context, invitation),
    user_id: user.id,
    data: { public_organization_data: publicOrganizationJson(context, organization) },
  };
}
