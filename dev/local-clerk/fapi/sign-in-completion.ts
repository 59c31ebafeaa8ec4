// The end of signing in: the session begins, or a second factor is asked for first.

import { updateUser } from "../accounts/users";
import type { World } from "../context";
import { signInOver } from "../errors";
import { acceptInvitation } from "../organizations/invitations";
import { failuresOf, hasSecondFactor } from "../resources/user";
import {
  requireMaySignIn,
  requireNotSignedIn,
  startSession,
  updateClient,
} from "../sessions/sessions";
import type { SignInRecord, TicketRecord, UserRecord, VerificationRecord } from "../store/records";

/** Whether it may still be finished; asked of what is stored now, since another try may have been quicker. */
export function requireOpen(world: World, { id, clientId }: SignInRecord, user: UserRecord): void {
  requireMaySignIn(world, user);
  requireNotSignedIn(world, clientId, user.id);
  if (world.state.signIns.get(id)?.status === "complete") throw signInOver();
}

export function completeSignIn(
  world: World,
  signIn: SignInRecord,
  user: UserRecord,
  verification: VerificationRecord | null,
  ticket?: TicketRecord,
): SignInRecord {
  requireOpen(world, signIn, user);
  const isSecondDone = signIn.secondVerification?.status === "verified";
  if (hasSecondFactor(user) && !isSecondDone && !ticket) {
    return world.state.signIns.put({ ...signIn, verification, status: "needs_second_factor" });
  }
  return world.state.change(() => {
    const now = world.clock.now();
    const strategy = verification?.strategy ?? "password";
    const session = startSession(world, signIn.clientId, user, strategy, {
      secondFactorAt: isSecondDone ? now : null,
      actor: ticket?.actor ?? null,
      ...(ticket?.sessionSeconds ? { expireAt: now + ticket.sessionSeconds * 1000 } : {}),
      lastActiveOrganizationId: joined(world, user, ticket),
    });
    const fresh = { lastSignInAt: now, lastActiveAt: now, failedAttempts: 0, lockedUntil: null };
    // Whoever acts for somebody leaves no trace in their own record.
    if (!ticket?.actor) updateUser(world, user, { ...fresh, isLocked: false });
    // A sign-up that led here by a transfer is over too.
    updateClient(world, signIn.clientId, { signInId: null, signUpId: null });
    return world.state.signIns.put({
      ...signIn,
      status: "complete",
      userId: user.id,
      verification,
      createdSessionId: session.id,
    });
  });
}

function joined(world: World, user: UserRecord, ticket: TicketRecord | undefined): string | null {
  const invitation = world.state.invitations.get(ticket?.invitationId);
  if (invitation) return acceptInvitation(world, invitation, user).organizationId;
  return ticket?.organizationId ?? null;
}

/** A wrong password or code counts; so many lock the account for a while. */
export function noteFailure(world: World, { id }: UserRecord): void {
  const user = world.state.users.get(id);
  if (!user) return;
  requireMaySignIn(world, user);
  const failedAttempts = failuresOf(world, user) + 1;
  const isOver = failedAttempts >= world.settings.lockAfter;
  const lockedUntil = isOver ? world.clock.now() + world.settings.lockMs : null;
  const counted = { failedAttempts, isLocked: isOver, lockedUntil };
  if (isOver) updateUser(world, user, counted);
  else world.state.users.put({ ...user, ...counted });
}
