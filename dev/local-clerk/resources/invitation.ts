// An invitation to an organization on the wire.

import type { World } from "../context";
import { roleName } from "../instance/roles";
import type { InvitationRecord, OrganizationRecord, UserRecord } from "../store/records";
import { organizationImageUrl } from "./organization";
import { publicInviterJson } from "./public-user";

export function publicOrganizationJson(world: World, organization: OrganizationRecord) {
  return {
    id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organizationImageUrl(world, organization),
    has_image: organization.imageId !== null,
  };
}

/** Expired invitations are seen to be so when looked at. */
export function invitationStatus(world: World, { status, expiresAt }: InvitationRecord) {
  return status === "pending" && expiresAt <= world.clock.now() ? "expired" : status;
}

function sharedInvitationJson(world: World, invitation: InvitationRecord) {
  return {
    id: invitation.id,
    object: "organization_invitation",
    email_address: invitation.emailAddress,
    role: invitation.role,
    role_name: roleName(world, invitation.role),
    organization_id: invitation.organizationId,
    status: invitationStatus(world, invitation),
    public_metadata: invitation.publicMetadata,
    expires_at: invitation.expiresAt,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

export function invitationForClient(world: World, invitation: InvitationRecord) {
  return { ...sharedInvitationJson(world, invitation), url: null };
}

/** For the invited: with the organization, whose member they are not yet. */
export function invitationForInvited(world: World, invitation: InvitationRecord) {
  const organization = world.state.organizations.get(invitation.organizationId);
  return {
    ...sharedInvitationJson(world, invitation),
    url: null,
    public_organization_data: organization ? publicOrganizationJson(world, organization) : null,
  };
}

export function invitationForServer(world: World, invitation: InvitationRecord) {
  const inviter = world.state.users.get(invitation.inviterId);
  const ticket = world.state.ticketsByInvitation.first(invitation.id);
  return {
    ...sharedInvitationJson(world, invitation),
    url: ticket ? `${world.proxyUrl}/v1/tickets/accept?ticket=${ticket.token}` : null,
    private_metadata: invitation.privateMetadata,
    inviter_id: invitation.inviterId,
    public_inviter_data: inviter ? publicInviterJson(world, inviter) : null,
  };
}

export function invitationWithOrganization(world: World, invitation: InvitationRecord) {
  const organization = world.state.organizations.get(invitation.organizationId);
  return {
    ...invitationForServer(world, invitation),
    ...(organization
      ? { public_organization_data: publicOrganizationJson(world, organization) }
      : {}),
  };
}

export function acceptedInvitationJson(
  world: World,
  invitation: InvitationRecord,
  user: UserRecord,
  organization: OrganizationRecord,
) {
  return {
    ...invitationForServer(world, invitation),
    user_id: user.id,
    data: { public_organization_data: publicOrganizationJson(world, organization) },
  };
}
