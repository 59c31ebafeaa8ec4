// Being asked again, on the wire.

import type { World } from "../context";
import { firstFactors, secondFactors } from "../resources/factors";
import { verificationJson } from "../resources/verification";
import type { SessionRecord } from "../store/records";
import { sessionForClient } from "./session-json";

const notAgain = new Set(["email_link", "reset_password_email_code", "reset_password_phone_code"]);

type Asked = NonNullable<SessionRecord["reverification"]>;

/** The second factor counts after the first one, where both are asked for. */
export function reverificationStatus({ level, first, second }: Asked) {
  const isFirstDone = level === "second_factor" || first?.status === "verified";
  const isSecondDone = level === "first_factor" || second?.status === "verified";
  if (!isFirstDone) return "needs_first_factor";
  return isSecondDone ? "complete" : "needs_second_factor";
}

const unasked: Asked = { level: "first_factor", first: null, second: null };

export function reverificationJson(world: World, session: SessionRecord, azp: string) {
  const asked = session.reverification ?? unasked;
  const { level, first, second } = asked;
  const user = world.state.users.get(session.userId);
  const now = world.clock.now();
  const firsts = user ? firstFactors(world, user) : [];
  return {
    object: "session_reverification",
    level,
    status: reverificationStatus(asked),
    supported_first_factors: firsts.filter(({ strategy }) => !notAgain.has(String(strategy))),
    supported_second_factors: user ? secondFactors(user) : [],
    first_factor_verification: first && verificationJson(first, now),
    second_factor_verification: second && verificationJson(second, now),
    session: sessionForClient(world, session, azp),
  };
}
