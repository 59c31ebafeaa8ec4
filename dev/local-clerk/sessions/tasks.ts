// Session tasks: what a user must do before a pending session becomes active.

import type { ClerkContext } from "../context";
import { hasSecondFactor } from "../resources/user";
import type { SessionRecord } from "../store/records";

/** In the order in which Clerk's components ask for them. */
export function sessionTasks(
  context: ClerkContext,
  session: Pick<SessionRecord, "userId" | "lastActiveOrganizationId" | "actor">,
): string[] {
  const user = context.state.users.get(session.userId);
  const { needsOrganization, needsSecondFactor } = context.settings;
  // An impersonator changes neither the password nor the second factors of the user.
  const isOwn = session.actor === null;
  return [
    needsOrganization && !session.lastActiveOrganizationId ? "choose-organization" : [],
    isOwn && user?.isPasswordCompromised ? "reset-password" : [],
    isOwn && needsSecondFactor && user && !hasSecondFactor(user) ? "setup-mfa" : [],
  ].flat();
}
