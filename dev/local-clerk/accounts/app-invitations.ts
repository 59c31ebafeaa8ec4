// Invitations to the application itself, and the waiting list that leads to them.

import type { World } from "../context";
import { identifierTaken, refusal } from "../errors";
import { newId } from "../ids";
import { waitlistEntryJson } from "../resources/app-invitation";
import type { AppInvitationRecord, WaitlistRecord } from "../store/records-instance";
import { emit } from "../webhooks/events";
import { sendMail } from "../webhooks/outbox";
import { ownerOfAddress } from "./identifier-owners";
import { createTicket, settleTicket, ticketOfInvitation, ticketUrl } from "./tickets";

const dayMs = 86_400_000;

export type NewAppInvitation = {
  emailAddress: string;
  publicMetadata: Record<string, unknown>;
  redirectUrl: string | null;
  expiresInDays: number;
  isNotified: boolean;
  ignoresExisting: boolean;
  templateSlug: "invitation" | "waitlist_invitation";
};

export function inviteToApp(world: World, given: NewAppInvitation): AppInvitationRecord {
  const { emailAddress, publicMetadata, redirectUrl, expiresInDays, isNotified } = given;
  if (!given.ignoresExisting) {
    if (ownerOfAddress(world, emailAddress)) {
      throw identifierTaken("email_address", "email address");
    }
    const pending = world.state.appInvitationsByEmail
      .all(emailAddress)
      .some((each) => invitationStatus(world, each) === "pending");
    if (pending) {
      const long = `There are already pending invitations for the following email addresses: ${emailAddress}`;
      const meta = { param_name: "email_address" };
      throw refusal(400, "duplicate_record", "duplicate invitation", long, meta);
    }
  }
  const now = world.clock.now();
  const expiresAt = now + expiresInDays * dayMs;
  return world.state.change(() => {
    const invitation = world.state.appInvitations.make({
      id: newId("inv", now),
      emailAddress,
      status: "pending",
      publicMetadata,
      redirectUrl,
      expiresAt,
      createdAt: now,
      updatedAt: now,
    });
    const invitationId = invitation.id;
    const ticket = createTicket(world, { kind: "invitation", invitationId, expiresAt });
    if (isNotified) {
      sendMail(world, {
        to: emailAddress,
        slug: given.templateSlug,
        subject: `You are invited to ${world.settings.applicationName}`,
        text: `You are invited to join ${world.settings.applicationName}.`,
        link: ticketUrl(world, ticket),
      });
    }
    return invitation;
  });
}

export function invitationStatus(
  world: World,
  invitation: { status: AppInvitationRecord["status"]; expiresAt: number },
): AppInvitationRecord["status"] {
  const isLate = invitation.status === "pending" && invitation.expiresAt <= world.clock.now();
  return isLate ? "expired" : invitation.status;
}

export function revokeAppInvitation(world: World, invitation: AppInvitationRecord) {
  if (invitation.status !== "pending") {
    const message = "Only pending invitations can be revoked.";
    throw refusal(400, "invitation_already_accepted", "cannot be revoked", message);
  }
  return world.state.change(() => {
    const ticket = ticketOfInvitation(world, invitation.id);
    if (ticket) settleTicket(world, ticket, "revoked");
    const updatedAt = world.clock.now();
    return world.state.appInvitations.put({ ...invitation, status: "revoked", updatedAt });
  });
}

/** Whoever signs up with it: the invitation and the place on the waiting list are used up. */
export function acceptAppInvitation(world: World, invitationId: string): void {
  const invitation = world.state.appInvitations.get(invitationId);
  if (!invitation) return;
  const updatedAt = world.clock.now();
  world.state.appInvitations.put({ ...invitation, status: "accepted", updatedAt });
  const entry = world.state.waitlistByEmail.first(invitation.emailAddress);
  if (entry) updateEntry(world, entry, { status: "completed" });
}

export function joinWaitlist(
  world: World,
  emailAddress: string,
  { isNotified = true }: { isNotified?: boolean } = {},
): WaitlistRecord {
  const known = world.state.waitlistByEmail.first(emailAddress);
  if (known) return known;
  const now = world.clock.now();
  return world.state.change(() => {
    const entry = world.state.waitlist.make({
      id: newId("wle", now),
      emailAddress,
      status: "pending",
      invitationId: null,
      createdAt: now,
      updatedAt: now,
    });
    emit(world, "waitlistEntry.created", waitlistEntryJson(world, entry));
    if (isNotified) {
      sendMail(world, {
        to: emailAddress,
        slug: "waitlist_confirmation",
        subject: `You are on the waitlist of ${world.settings.applicationName}`,
        text: `We will write to you when you can join ${world.settings.applicationName}.`,
      });
    }
    return entry;
  });
}

export function updateEntry(
  world: World,
  entry: WaitlistRecord,
  patch: Partial<WaitlistRecord>,
): WaitlistRecord {
  return world.state.change(() => {
    const updatedAt = Math.max(world.clock.now(), entry.updatedAt + 1);
    const updated = world.state.waitlist.put({ ...entry, ...patch, updatedAt });
    emit(world, "waitlistEntry.updated", waitlistEntryJson(world, updated));
    return updated;
  });
}

export function inviteFromWaitlist(
  world: World,
  entry: WaitlistRecord,
  { ignoresExisting }: { ignoresExisting: boolean },
): WaitlistRecord {
  return world.state.change(() => {
    const invitation = inviteToApp(world, {
      emailAddress: entry.emailAddress,
      publicMetadata: {},
      redirectUrl: null,
      expiresInDays: 30,
      isNotified: true,
      ignoresExisting,
      templateSlug: "waitlist_invitation",
    });
    return updateEntry(world, entry, { status: "invited", invitationId: invitation.id });
  });
}
