// An invitation to an organization on the wire.

import type { InvitationRecord } from "../records";
import { findRole } from "../roles";
import type { World } from "../world";
import { publicInviterJson } from "./public-user";

function sharedInvitationJson(invitation: InvitationRecord) {
  return {
    id: invitation.id,
    object: "organization_invitation",
    email_address: invitation.emailAddress,
    role: invitation.role,
    role_name: findRole(invitation.role)?.name ?? invitation.role,
    organization_id: invitation.organizationId,
    status: invitation.status,
    public_metadata: invitation.publicMetadata,
    url: null,
    expires_at: invitation.expiresAt,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

export function invitationForClient(invitation: InvitationRecord) {
  return sharedInvitationJson(invitation);
}

export function invitationForServer(world: World, invitation: InvitationRecord) {
  const inviter = world.state.users.get(invitation.inviterId);
  return {
    ...sharedInvitationJson(invitation),
    private_metadata: invitation.privateMetadata,
    inviter_id: invitation.inviterId,
    public_inviter_data: inviter ? publicInviterJson(world, inviter) : null,
  };
}
