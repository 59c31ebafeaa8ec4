// The JSON of application invitations and of waitlist entries.

import type { ClerkContext } from "../context";
import type { AppInvitationRecord, WaitlistRecord } from "../store/records-instance";

export function appInvitationJson(context: ClerkContext, invitation: AppInvitationRecord) {
  const ticket = context.state.ticketsByInvitation.first(invitation.id);
  const isLate = invitation.status === "pending" && invitation.expiresAt <= context.clock.now();
  return {
    object: "invitation",
    id: invitation.id,
    email_address: invitation.emailAddress,
    public_metadata: invitation.publicMetadata,
    revoked: invitation.status === "revoked",
    status: isLate ? "expired" : invitation.status,
    ...(ticket ? { url: `${context.proxyUrl}/v1/tickets/accept?ticket=${ticket.token}` } : {}),
    expires_at: invitation.expiresAt,
    created_at: invitation.createdAt,
    updated_at: invitation.updatedAt,
  };
}

export function waitlistEntryJson(context: ClerkContext, entry: WaitlistRecord) {
  const invitation = context.state.appInvitations.get(entry.invitationId);
  return {
    object: "waitlist_entry",
    id: entry.id,
    email_address: entry.emailAddress,
    status: entry.status,
    is_locked: false,
    created_at: entry.createdAt,
    updated_at: entry.updatedAt,
    invitation: invitation ? appInvitationJson(context, invitation) : null,
  };
}
