// The JSON of a reverification: a signed-in user verifies again before a sensitive action.

import type { ClerkContext } from "../context";
import { firstFactors, secondFactors } from "../resources/factors";
import { verificationJson } from "../resources/verification";
import type { SessionRecord } from "../store/records";
import { sessionForClient } from "./session-json";

const excludedFirstFactors = new Set([
  "email_link",
  "reset_password_email_code",
  "reset_password_phone_code",
]);

type Reverification = NonNullable<SessionRecord["reverification"]>;

/** Returns the status of the reverification. With the level `multi_factor`, the second factor follows the first. */
export function reverificationStatus({ level, first, second }: Reverification) {
  const isFirstDone = level === "second_factor" || first?.status === "verified";
  const isSecondDone = level === "first_factor" || second?.status === "verified";
  if (!isFirstDone) return "needs_first_factor";
  return isSecondDone ? "complete" : "needs_second_factor";
}

const notStarted: Reverification = { level: "first_factor", first: null, second: null };

/** Reads every record before its first `await`, so that the JSON describes one moment. */
export async function reverificationJson(
  context: ClerkContext,
  session: SessionRecord,
  azp: string | null,
) {
  const reverification = session.reverification ?? notStarted;
  const { level, first, second } = reverification;
  const user = context.state.users.get(session.userId);
  const now = context.clock.now();
  const factors = user ? firstFactors(context, user) : [];
  const sessionJson = sessionForClient(context, session, azp);
  const json = {
    object: "session_reverification",
    level,
    status: reverificationStatus(reverification),
    supported_first_factors: factors.filter(
      ({ strategy }) => !excludedFirstFactors.has(String(strategy)),
    ),
    supported_second_factors: user ? secondFactors(user) : [],
    first_factor_verification: first && verificationJson(first, now),
    second_factor_verification: second && verificationJson(second, now),
  };
  return { ...json, session: await sessionJson };
}
