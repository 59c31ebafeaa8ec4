// Inviting somebody to an organization by mail: the link in it leads to sign-in or sign-up, and whoever
// comes through is a member.

import { ownerOfAddress, readerOfAddress } from "../accounts/identifier-owners";
import { createTicket, settleTicket, ticketOfInvitation, ticketUrl } from "../accounts/tickets";
import type { World } from "../context";
import { refusal } from "../errors";
import { newId } from "../ids";
import { requireRole } from "../instance/roles";
import {
  acceptedInvitationJson,
  invitationForServer,
  invitationStatus,
} from "../resources/invitation";
import type {
  InvitationRecord,
  MembershipRecord,
  OrganizationRecord,
  UserRecord,
} from "../store/records";
import { emit } from "../webhooks/events";
import { sendMail } from "../webhooks/outbox";
import { alreadyInvited, alreadyMember } from "./errors";
import { createMembership, findMembership, requireRoom } from "./organizations";

const dayMs = 86_400_000;

export type NewInvitation = Pick<InvitationRecord, "emailAddress" | "role" | "inviterId"> &
  Partial<Pick<InvitationRecord, "publicMetadata" | "privateMetadata" | "redirectUrl">> & {
    expiresInDays?: number;
    isNotified?: boolean;
  };

export function invite(
  world: World,
  organization: OrganizationRecord,
  { expiresInDays = 30, isNotified = true, ...given }: NewInvitation,
): InvitationRecord {
  const { state, clock } = world;
  requireNewcomer(world, organization, given.emailAddress);
  requireRoom(organization, membersAndInvited(world, organization.id));
  return state.change(() => {
    const now = clock.now();
    const expiresAt = now + expiresInDays * dayMs;
    const invitation = state.invitations.make({
      publicMetadata: {},
      privateMetadata: {},
      ...given,
      id: newId("orginv", now),
      organizationId: organization.id,
      role: requireRole(world, given.role),
      status: "pending",
      expiresAt,
      createdAt: now,
      updatedAt: now,
    });
    const ticket = createTicket(world, {
      kind: "organization_invitation",
      organizationId: organization.id,
      invitationId: invitation.id,
      expiresAt,
    });
    emit(world, "organizationInvitation.created", invitationForServer(world, invitation));
    if (isNotified) {
      sendMail(world, {
        to: invitation.emailAddress,
        slug: "organization_invitation",
        subject: `You are invited to ${organization.name}`,
        text: `You are invited to join ${organization.name}.`,
        link: ticketUrl(world, ticket),
        userId: readerOfAddress(world, invitation.emailAddress)?.id ?? null,
      });
    }
    return invitation;
  });
}

function requireNewcomer(world: World, organization: OrganizationRecord, emailAddress: string) {
  const { state } = world;
  const known = ownerOfAddress(world, emailAddress);
  if (known && findMembership(world, organization.id, known.id)) {
    throw alreadyMember(emailAddress, {
      param_name: "email_address",
      email_addresses: [emailAddress],
    });
  }
  const pending = state.invitationsByEmail
    .all(emailAddress)
    .some((each) => each.organizationId === organization.id && isPending(world, each));
  if (pending) throw alreadyInvited(emailAddress);
}

export function membersAndInvited(world: World, organizationId: string): number {
  const { state } = world;
  const invited = state.invitationsByOrganization
    .all(organizationId)
    .filter((each) => isPending(world, each));
  return state.membershipsByOrganization.count(organizationId) + invited.length;
}

export function isPending(world: World, invitation: InvitationRecord): boolean {
  return invitationStatus(world, invitation) === "pending";
}

export function pendingInvitationsFor(world: World, user: UserRecord): InvitationRecord[] {
  return user.emails
    .filter((email) => email.verification?.status === "verified")
    .flatMap((email) => world.state.invitationsByEmail.all(email.address))
    .filter((each) => isPending(world, each));
}

export function acceptInvitation(
  world: World,
  invitation: InvitationRecord,
  user: UserRecord,
): MembershipRecord {
  const organization = world.state.organizations.get(invitation.organizationId);
  if (!organization || !isPending(world, invitation)) {
    const message = "The invitation is not pending any more.";
    throw refusal(404, "organization_invitation_not_pending", "not pending", message);
  }
  return world.state.change(() => {
    const { role, publicMetadata } = invitation;
    const updatedAt = Math.max(world.clock.now(), invitation.updatedAt + 1);
    const accepted = world.state.invitations.put({ ...invitation, status: "accepted", updatedAt });
    const ticket = ticketOfInvitation(world, invitation.id);
    if (ticket?.status === "pending") settleTicket(world, ticket, "accepted");
    const known = findMembership(world, organization.id, user.id);
    const membership =
      known ?? createMembership(world, organization, { userId: user.id, role, publicMetadata });
    const json = acceptedInvitationJson(world, accepted, user, organization);
    emit(world, "organizationInvitation.accepted", json);
    return membership;
  });
}

export function revokeInvitation(world: World, invitation: InvitationRecord): InvitationRecord {
  if (invitation.status !== "pending") {
    const message = "only pending invitations can be revoked";
    throw refusal(404, "organization_invitation_not_pending", message);
  }
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), invitation.updatedAt + 1);
    const revoked = world.state.invitations.put({ ...invitation, status: "revoked", updatedAt });
    const ticket = ticketOfInvitation(world, invitation.id);
    if (ticket) settleTicket(world, ticket, "revoked");
    emit(world, "organizationInvitation.revoked", invitationForServer(world, revoked));
    return revoked;
  });
}
