// Invitations to an organization. The emailed link leads to sign-in or sign-up, whose completion creates the membership.

import { ownerOfAddress, userWithVerifiedAddress } from "../accounts/identifier-owners";
import { createTicket, settleTicket, ticketOfInvitation, ticketUrl } from "../accounts/tickets";
import type { ClerkContext } from "../context";
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

type NewInvitation = Pick<InvitationRecord, "emailAddress" | "role" | "inviterId"> &
  Partial<Pick<InvitationRecord, "publicMetadata" | "privateMetadata" | "redirectUrl">> & {
    expiresInDays?: number;
    isNotified?: boolean;
  };

export function invite(
  context: ClerkContext,
  organization: OrganizationRecord,
  { expiresInDays = 30, isNotified = true, ...given }: NewInvitation,
): InvitationRecord {
  const { state, clock } = context;
  requireNotMemberOrInvited(context, organization, given.emailAddress);
  requireRoom(organization, membersAndInvited(context, organization.id));
  return state.change(() => {
    const now = clock.now();
    const expiresAt = now + expiresInDays * dayMs;
    const invitation = state.invitations.make({
      publicMetadata: {},
      privateMetadata: {},
      ...given,
      id: newId("orginv", now),
      organizationId: organization.id,
      role: requireRole(context, given.role),
      status: "pending",
      expiresAt,
      createdAt: now,
      updatedAt: now,
    });
    const ticket = createTicket(context, {
      kind: "organization_invitation",
      organizationId: organization.id,
      invitationId: invitation.id,
      expiresAt,
    });
    emit(context, "organizationInvitation.created", invitationForServer(context, invitation));
    if (isNotified) {
      sendMail(context, {
        to: invitation.emailAddress,
        slug: "organization_invitation",
        subject: `You are invited to ${organization.name}`,
        text: `You are invited to join ${organization.name}.`,
        link: ticketUrl(context, ticket),
        userId: userWithVerifiedAddress(context, invitation.emailAddress)?.id ?? null,
      });
    }
    return invitation;
  });
}

function requireNotMemberOrInvited(
  context: ClerkContext,
  organization: OrganizationRecord,
  emailAddress: string,
) {
  const { state } = context;
  const known = ownerOfAddress(context, emailAddress);
  if (known && findMembership(context, organization.id, known.id)) {
    throw alreadyMember(emailAddress, {
      param_name: "email_address",
      email_addresses: [emailAddress],
    });
  }
  const pending = state.invitationsByEmail
    .all(emailAddress)
    .some((each) => each.organizationId === organization.id && isPending(context, each));
  if (pending) throw alreadyInvited(emailAddress);
}

export function membersAndInvited(context: ClerkContext, organizationId: string): number {
  const { state } = context;
  const invited = state.invitationsByOrganization
    .all(organizationId)
    .filter((each) => isPending(context, each));
  return state.membershipsByOrganization.count(organizationId) + invited.length;
}

function isPending(context: ClerkContext, invitation: InvitationRecord): boolean {
  return invitationStatus(context, invitation) === "pending";
}

export function pendingInvitationsFor(context: ClerkContext, user: UserRecord): InvitationRecord[] {
  return user.emails
    .filter((email) => email.verification?.status === "verified")
    .flatMap((email) => context.state.invitationsByEmail.all(email.address))
    .filter((each) => isPending(context, each));
}

export function acceptInvitation(
  context: ClerkContext,
  invitation: InvitationRecord,
  user: UserRecord,
): MembershipRecord {
  const organization = context.state.organizations.get(invitation.organizationId);
  if (!organization || !isPending(context, invitation)) {
    const message = "The invitation is not pending any more.";
    throw refusal(404, "organization_invitation_not_pending", "not pending", message);
  }
  return context.state.change(() => {
    const { role, publicMetadata } = invitation;
    const updatedAt = Math.max(context.clock.now(), invitation.updatedAt + 1);
    const accepted = context.state.invitations.put({
      ...invitation,
      status: "accepted",
      updatedAt,
    });
    const ticket = ticketOfInvitation(context, invitation.id);
    if (ticket?.status === "pending") settleTicket(context, ticket, "accepted");
    const known = findMembership(context, organization.id, user.id);
    const membership =
      known ?? createMembership(context, organization, { userId: user.id, role, publicMetadata });
    const json = acceptedInvitationJson(context, accepted, user, organization);
    emit(context, "organizationInvitation.accepted", json);
    return membership;
  });
}

export function revokeInvitation(
  context: ClerkContext,
  invitation: InvitationRecord,
): InvitationRecord {
  if (invitation.status !== "pending") {
    const message = "only pending invitations can be revoked";
    throw refusal(404, "organization_invitation_not_pending", message);
  }
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), invitation.updatedAt + 1);
    const revoked = context.state.invitations.put({ ...invitation, status: "revoked", updatedAt });
    const ticket = ticketOfInvitation(context, invitation.id);
    if (ticket) settleTicket(context, ticket, "revoked");
    emit(context, "organizationInvitation.revoked", invitationForServer(context, revoked));
    return revoked;
  });
}
