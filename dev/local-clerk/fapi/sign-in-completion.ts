// Completes a sign-in: creates the session, or requires a second factor first.

import { updateUser } from "../accounts/users";
import type { ClerkContext } from "../context";
import { signInComplete } from "../errors";
import { acceptInvitation } from "../organizations/invitations";
import { trustFactors } from "../resources/factors";
import { isKnownClient } from "../resources/sign-in";
import { failuresOf, hasSecondFactor } from "../resources/user";
import {
  requireNotBannedOrLocked,
  requireNotSignedIn,
  startSession,
  updateClient,
} from "../sessions/sessions";
import type { SignInRecord, TicketRecord, UserRecord, VerificationRecord } from "../store/records";

/**
 * Throws when the sign-in can no longer be completed. Reads the stored record, because a concurrent attempt may have completed
 * it.
 */
export function requireOpen(
  context: ClerkContext,
  { id, clientId }: SignInRecord,
  user: UserRecord,
  ticket?: TicketRecord,
): void {
  requireNotBannedOrLocked(context, user);
  const isImpersonation = ticket?.kind === "actor";
  requireNotSignedIn(context, clientId, user.id, { isImpersonation });
  if (context.state.signIns.get(id)?.status === "complete") throw signInComplete();
}

export function completeSignIn(
  context: ClerkContext,
  signIn: SignInRecord,
  user: UserRecord,
  verification: VerificationRecord | null,
  ticket?: TicketRecord,
): SignInRecord {
  requireOpen(context, signIn, user, ticket);
  const isSecondDone = signIn.secondVerification?.status === "verified";
  const isProven = isSecondDone || ticket !== undefined;
  if (hasSecondFactor(user) && !isProven) {
    return context.state.signIns.put({ ...signIn, verification, status: "needs_second_factor" });
  }
  if (needsClientTrust(context, signIn, user, verification) && !isProven) {
    return context.state.signIns.put({ ...signIn, verification, status: "needs_client_trust" });
  }
  return context.state.change(() => {
    const now = context.clock.now();
    const strategy = verification?.strategy ?? "password";
    const session = startSession(context, signIn.clientId, user, strategy, {
      secondFactorAt: isSecondDone && hasSecondFactor(user) ? now : null,
      actor: ticket?.actor ?? null,
      ...(ticket?.sessionSeconds ? { expireAt: now + ticket.sessionSeconds * 1000 } : {}),
      lastActiveOrganizationId: joined(context, user, ticket),
    });
    const fresh = { lastSignInAt: now, lastActiveAt: now, failedAttempts: 0, lockedUntil: null };
    // Impersonation does not change the impersonated user's record.
    if (!ticket?.actor) updateUser(context, user, { ...fresh, isLocked: false });
    // Removes the sign-in from the client, and also the sign-up, because the sign-up may have been transferred to the sign-in.
    updateClient(context, signIn.clientId, { signInId: null, signUpId: null });
    return context.state.signIns.put({
      ...signIn,
      status: "complete",
      userId: user.id,
      verification,
      createdSessionId: session.id,
    });
  });
}

/**
 * Whether a sign-in by password also needs a code. If the user never had a session in this browser, the password may be stolen.
 */
function needsClientTrust(
  context: ClerkContext,
  { clientId }: SignInRecord,
  user: UserRecord,
  verification: VerificationRecord | null,
): boolean {
  return (
    context.settings.hasClientTrust &&
    verification?.strategy === "password" &&
    trustFactors(context, user).length > 0 &&
    !isKnownClient(context, clientId, user.id)
  );
}

function joined(
  context: ClerkContext,
  user: UserRecord,
  ticket: TicketRecord | undefined,
): string | null {
  const invitation = context.state.invitations.get(ticket?.invitationId);
  if (invitation) return acceptInvitation(context, invitation, user).organizationId;
  return ticket?.organizationId ?? null;
}

/** Counts a wrong password or code. After `lockAfter` failures the account is locked for `lockMs`. */
export function noteFailure(context: ClerkContext, { id }: UserRecord): void {
  const user = context.state.users.get(id);
  if (!user) return;
  requireNotBannedOrLocked(context, user);
  const failedAttempts = failuresOf(context, user) + 1;
  const isOver = failedAttempts >= context.settings.lockAfter;
  const lockedUntil = isOver ? context.clock.now() + context.settings.lockMs : null;
  const counted = { failedAttempts, isLocked: isOver, lockedUntil };
  if (isOver) updateUser(context, user, counted);
  else context.state.users.put({ ...user, ...counted });
}
