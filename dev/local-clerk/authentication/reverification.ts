// Reverification: a sensitive action needs a verification in the last ten minutes, as at Clerk. While a reverification is
// started and not complete, every sensitive action is refused, however recent the last verification is.

import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { hasSecondFactor } from "../resources/user";
import { reverificationStatus } from "../sessions/reverification-json";
import type { SessionRecord } from "../store/records";

const maxAgeMs = 10 * 60_000;

export function requireRecentVerification(context: ClerkContext, session: SessionRecord): void {
  const { reverification } = session;
  const isOpen = reverification !== null && reverificationStatus(reverification) !== "complete";
  if (!isOpen && isRecent(context, session)) return;
  throw refusal(
    403,
    "session_reverification_required",
    "Reverification required",
    "You need to provide additional verification to perform this operation",
  );
}

function isRecent(context: ClerkContext, session: SessionRecord): boolean {
  if (!context.settings.needsReverification) return true;
  const user = context.state.users.get(session.userId);
  const verifiedAt = user && hasSecondFactor(user) ? session.secondFactorAt : session.verifiedAt;
  return verifiedAt !== null && context.clock.now() - verifiedAt < maxAgeMs;
}
