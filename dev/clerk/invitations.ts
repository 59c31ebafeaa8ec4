// Inviting somebody to an organization by mail. Accepting through the link is not here yet: the mail
// says who invited, and carries no link.

import { refusal } from "./errors";
import { emit } from "./events";
import { newId } from "./ids";
import { findMembership } from "./organizations";
import { sendMail } from "./outbox";
import type { InvitationRecord, OrganizationRecord } from "./records";
import { invitationForServer } from "./resources/invitation";
import { requireRole } from "./roles";
import type { World } from "./world";

const monthMs = 30 * 86_400_000;

export function invite(
  world: World,
  organization: OrganizationRecord,
  given: Pick<InvitationRecord, "emailAddress" | "role" | "inviterId">,
): InvitationRecord {
  const { state, clock } = world;
  const known = state.usersByEmail.first(given.emailAddress);
  if (known && findMembership(world, organization.id, known.id)) {
    const message = "is already a member of the organization";
    const meta = { param_name: "email_address", email_addresses: [given.emailAddress] };
    throw refusal(400, "already_a_member_in_organization", message, message, meta);
  }
  const pending = state.invitationsByOrganization
    .all(organization.id)
    .some((each) => each.status === "pending" && each.emailAddress === given.emailAddress);
  if (pending) {
    const long = `There are already pending invitations for the following email addresses: ${given.emailAddress}`;
    const meta = { param_name: "email_address", email_addresses: [given.emailAddress] };
    throw refusal(400, "duplicate_record", "duplicate invitation", long, meta);
  }
  return state.change(() => {
    const now = clock.now();
    const invitation = state.invitations.make({
      id: newId("orginv", now),
      organizationId: organization.id,
      ...given,
      role: requireRole(world, given.role),
      status: "pending",
      publicMetadata: {},
      privateMetadata: {},
      expiresAt: now + monthMs,
      createdAt: now,
      updatedAt: now,
    });
    emit(world, "organizationInvitation.created", invitationForServer(world, invitation));
    sendMail(world, {
      to: invitation.emailAddress,
      slug: "organization_invitation",
      subject: `You are invited to ${organization.name}`,
      text: `You are invited to join ${organization.name}.`,
      code: null,
      userId: known?.id ?? null,
      emailId: null,
    });
    return invitation;
  });
}

export function revokeInvitation(world: World, invitation: InvitationRecord): InvitationRecord {
  if (invitation.status !== "pending") {
    const message = "only pending invitations can be revoked";
    throw refusal(400, "organization_invitation_not_pending", message);
  }
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), invitation.updatedAt + 1);
    const revoked = world.state.invitations.put({ ...invitation, status: "revoked", updatedAt });
    emit(world, "organizationInvitation.revoked", invitationForServer(world, revoked));
    return revoked;
  });
}
