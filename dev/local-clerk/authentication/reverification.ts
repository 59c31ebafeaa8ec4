// Asking somebody who is signed in who they are again, before something that cannot be taken back: as
// Clerk does, when the last proof is older than ten minutes.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { hasSecondFactor } from "../resources/user";
import type { SessionRecord } from "../store/records";

const maxAgeMs = 10 * 60_000;

export function requireRecentVerification(context: ClerkContext, session: SessionRecord): void {
  if (!context.settings.needsReverification) return;
  const user = context.state.users.get(session.userId);
  const provedAt = user && hasSecondFactor(user) ? session.secondFactorAt : session.verifiedAt;
  if (provedAt !== null && context.clock.now() - provedAt < maxAgeMs) return;
  throw refusal(
    403,
    "session_reverification_required",
    "Reverification required",
    "You need to provide additional verification to perform this operation",
  );
}
