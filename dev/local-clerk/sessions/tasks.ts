// Session tasks: what a user must do before a pending session becomes active.

import type { ClerkContext } from "../context";
import { hasSecondFactor } from "../resources/user";
import type { SessionRecord } from "../store/records";

/** Returns the open tasks of a session, in the order in which Clerk's components require them. */
export function sessionTasks(
  context: ClerkContext,
  session: Pick<SessionRecord, "userId" | "lastActiveOrganizationId" | "actor">,
): string[] {
  const user = context.state.users.get(session.userId);
  const { needsOrganization, needsSecondFactor } = context.settings;
  // An impersonator must not change the user's password or second factors, so an impersonated session has no such tasks.
  const isOwn = session.actor === null;
  return [
    needsOrganization && !session.lastActiveOrganizationId ? "choose-organization" : [],
    isOwn && user?.isPasswordCompromised ? "reset-password" : [],
    isOwn && needsSecondFactor && user && !hasSecondFactor(user) ? "setup-mfa" : [],
  ].flat();
}
