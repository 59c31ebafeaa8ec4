// An invitation to an organization on the wire.

import type { InvitationRecord } from "../records";
import { roleName } from "../roles";
import type { World } from "../world";
import { publicInviterJson } from "./public-user";

function sharedInvitationJson(world: World, invitation: InvitationRecord) {
  return {
    id: invitation.id,
    object: "organization_invitation",
    email_address: invitation.emailAddress,
    role: invitation.role,
    role_name: roleName(world, invitation.role),
    organization_id: invitation.organizationId,
    status: invitation.status,
    public_metadata: invitation.publicMetadata,
    url: null,
    expires_at: invitation.expiresAt,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

export function invitationForClient(world: World, invitation: InvitationRecord) {
  return sharedInvitationJson(world, invitation);
}

export function invitationForServer(world: World, invitation: InvitationRecord) {
  const inviter = world.state.users.get(invitation.inviterId);
  return {
    ...sharedInvitationJson(world, invitation),
    private_metadata: invitation.privateMetadata,
    inviter_id: invitation.inviterId,
    public_inviter_data: inviter ? publicInviterJson(world, inviter) : null,
  };
}
