// Reverification: a sensitive action needs a verification in the last ten minutes, as at Clerk.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { hasSecondFactor } from "../resources/user";
import type { SessionRecord } from "../store/records";

const maxAgeMs = 10 * 60_000;

export function requireRecentVerification(context: ClerkContext, session: SessionRecord): void {
  if (!context.settings.needsReverification) return;
  const user = context.state.users.get(session.userId);
  const verifiedAt = user && hasSecondFactor(user) ? session.secondFactorAt : session.verifiedAt;
  if (verifiedAt !== null && context.clock.now() - verifiedAt < maxAgeMs) return;
  throw refusal(
    403,
    "session_reverification_required",
    "Reverification required",
    "You need to provide additional verification to perform this operation",
  );
}
