// Invitations to the application, and the waitlist, whose entries can be invited.

import type { ClerkContext } from "../context";
import { identifierTaken, refusal } from "../errors";
import { newId } from "../ids";
import { waitlistEntryJson } from "../resources/app-invitation";
import type { AppInvitationRecord, WaitlistRecord } from "../store/records-instance";
import { emit } from "../webhooks/events";
import { sendMail } from "../webhooks/outbox";
import { ownerOfAddress } from "./identifier-owners";
import { createTicket, settleTicket, ticketOfInvitation, ticketUrl } from "./tickets";

const dayMs = 86_400_000;

type NewAppInvitation = {
  emailAddress: string;
  publicMetadata: Record<string, unknown>;
  redirectUrl: string | null;
  expiresInDays: number;
  isNotified: boolean;
  ignoresExisting: boolean;
  templateSlug: "invitation" | "waitlist_invitation";
};

export function inviteToApp(context: ClerkContext, given: NewAppInvitation): AppInvitationRecord {
  const { emailAddress, publicMetadata, redirectUrl, expiresInDays, isNotified } = given;
  if (!given.ignoresExisting) {
    if (ownerOfAddress(context, emailAddress)) {
      throw identifierTaken("email_address", "email address");
    }
    const pending = context.state.appInvitationsByEmail
      .all(emailAddress)
      .some((each) => invitationStatus(context, each) === "pending");
    if (pending) {
      const long = `There are already pending invitations for the following email addresses: ${emailAddress}`;
      const meta = { param_name: "email_address" };
      throw refusal(400, "duplicate_record", "duplicate invitation", long, meta);
    }
  }
  const now = context.clock.now();
  const expiresAt = now + expiresInDays * dayMs;
  return context.state.change(() => {
    const invitation = context.state.appInvitations.make({
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
    const ticket = createTicket(context, { kind: "invitation", invitationId, expiresAt });
    if (isNotified) {
      sendMail(context, {
        to: emailAddress,
        slug: given.templateSlug,
        subject: `You are invited to ${context.settings.applicationName}`,
        text: `You are invited to join ${context.settings.applicationName}.`,
        link: ticketUrl(context, ticket),
      });
    }
    return invitation;
  });
}

export function invitationStatus(
  context: ClerkContext,
  invitation: { status: AppInvitationRecord["status"]; expiresAt: number },
): AppInvitationRecord["status"] {
  const isLate = invitation.status === "pending" && invitation.expiresAt <= context.clock.now();
  return isLate ? "expired" : invitation.status;
}

export function revokeAppInvitation(context: ClerkContext, invitation: AppInvitationRecord) {
  if (invitation.status !== "pending") {
    const message = "Only pending invitations can be revoked.";
    throw refusal(400, "invitation_already_accepted", "cannot be revoked", message);
  }
  return context.state.change(() => {
    const ticket = ticketOfInvitation(context, invitation.id);
    if (ticket) settleTicket(context, ticket, "revoked");
    const updatedAt = context.clock.now();
    return context.state.appInvitations.put({ ...invitation, status: "revoked", updatedAt });
  });
}

/** Called when a sign-up with the invitation completes. Marks the invitation accepted and its waitlist entry completed. */
export function acceptAppInvitation(context: ClerkContext, invitationId: string): void {
  const invitation = context.state.appInvitations.get(invitationId);
  if (!invitation) return;
  const updatedAt = context.clock.now();
  context.state.appInvitations.put({ ...invitation, status: "accepted", updatedAt });
  const entry = context.state.waitlistByEmail.first(invitation.emailAddress);
  if (entry) updateEntry(context, entry, { status: "completed" });
}

/** Adds the address to the waitlist. Returns the existing entry if the address is on the waitlist already. */
export function joinWaitlist(
  context: ClerkContext,
  emailAddress: string,
  { isNotified = true }: { isNotified?: boolean } = {},
): WaitlistRecord {
  const known = context.state.waitlistByEmail.first(emailAddress);
  if (known) return known;
  const now = context.clock.now();
  return context.state.change(() => {
    const entry = context.state.waitlist.make({
      id: newId("wle", now),
      emailAddress,
      status: "pending",
      invitationId: null,
      createdAt: now,
      updatedAt: now,
    });
    emit(context, "waitlistEntry.created", waitlistEntryJson(context, entry));
    if (isNotified) {
      sendMail(context, {
        to: emailAddress,
        slug: "waitlist_confirmation",
        subject: `You are on the waitlist of ${context.settings.applicationName}`,
        text: `We will write to you when you can join ${context.settings.applicationName}.`,
      });
    }
    return entry;
  });
}

export function updateEntry(
  context: ClerkContext,
  entry: WaitlistRecord,
  patch: Partial<WaitlistRecord>,
): WaitlistRecord {
  return context.state.change(() => {
    const updatedAt = Math.max(context.clock.now(), entry.updatedAt + 1);
    const updated = context.state.waitlist.put({ ...entry, ...patch, updatedAt });
    emit(context, "waitlistEntry.updated", waitlistEntryJson(context, updated));
    return updated;
  });
}

export function inviteFromWaitlist(
  context: ClerkContext,
  entry: WaitlistRecord,
  { ignoresExisting }: { ignoresExisting: boolean },
): WaitlistRecord {
  return context.state.change(() => {
    const invitation = inviteToApp(context, {
      emailAddress: entry.emailAddress,
      publicMetadata: {},
      redirectUrl: null,
      expiresInDays: 30,
      isNotified: true,
      ignoresExisting,
      templateSlug: "waitlist_invitation",
    });
    return updateEntry(context, entry, { status: "invited", invitationId: invitation.id });
  });
}
