// Being asked again, on the wire.

import type { SessionRecord } from "../records";
import type { World } from "../world";
import { firstFactors, secondFactors } from "./factors";
import { sessionForClient } from "./session";
import { verificationJson } from "./verification";

const notAgain = new Set(["email_link", "reset_password_email_code", "reset_password_phone_code"]);

export function reverificationJson(world: World, session: SessionRecord, azp: string) {
  const { level, first, second } = session.reverification ?? {
    level: "first_factor",
    first: null,
    second: null,
  };
  const user = world.state.users.get(session.userId);
  const isFirstDone = level === "second_factor" || first?.status === "verified";
  const isSecondDone = level === "first_factor" || second?.status === "verified";
  const now = world.clock.now();
  const firsts = user ? firstFactors(world, user) : [];
  return {
    object: "session_reverification",
    level,
    status: isFirstDone
      ? isSecondDone
        ? "complete"
        : "needs_second_factor"
      : "needs_first_factor",
    supported_first_factors: firsts.filter(({ strategy }) => !notAgain.has(String(strategy))),
    supported_second_factors: user ? secondFactors(user) : [],
    first_factor_verification: first && verificationJson(first, now),
    second_factor_verification: second && verificationJson(second, now),
    session: sessionForClient(world, session, azp),
  };
}
