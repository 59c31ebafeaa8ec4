// Changes or removes the signed-in user's password.

import { Hono } from "hono";
import { z } from "zod";
import { updateUser } from "../accounts/users";
import { checkPassword, hashPassword, verifyPassword } from "../authentication/passwords";
import { requireRecentVerification } from "../authentication/reverification";
import type { ClerkContext } from "../context";
import { paramMissing, passwordWrong, refusal } from "../errors";
import { userForClient } from "../resources/user";
import { endSession, liveSessionsOfUser } from "../sessions/sessions";
import type { UserRecord } from "../store/records";
import { type Call, currentSession, currentUser, type FapiEnv, readForm, reply } from "./call";
import { flag, secret } from "./form";

const passwordChange = z.object({
  current_password: secret,
  new_password: secret,
  sign_out_of_other_sessions: flag,
});

export function mePasswordRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/me/change_password", async (call) => {
    const given = readForm(call, passwordChange);
    const { new_password: next, current_password: current } = given;
    const before = await requireCurrentPassword(context, call, current);
    if (!next) throw paramMissing("new_password");
    checkPassword(context.settings, next, "new_password");
    const passwordHash = await hashPassword(next);
    const own = currentSession(context, call);
    const user = unchanged(context, call, before);
    const changed = context.state.change(() => {
      const others = liveSessionsOfUser(context, user.id).filter(({ id }) => id !== own.id);
      if (given.sign_out_of_other_sessions) {
        for (const each of others) endSession(context, each, "revoked");
      }
      return updateUser(context, user, { passwordHash, passwordUpdatedAt: context.clock.now() });
    });
    return reply(context, call, userForClient(context, changed));
  });

  routes.post("/me/remove_password", async (call) => {
    const given = readForm(call, z.object({ current_password: secret }));
    const before = await requireCurrentPassword(context, call, given.current_password);
    if (!before.passwordHash) {
      throw refusal(400, "no_password_set", "user does not have a password set");
    }
    const user = unchanged(context, call, before);
    const patch = { passwordHash: null, passwordUpdatedAt: null };
    return reply(context, call, userForClient(context, updateUser(context, user, patch)));
  });

  return routes;
}

/**
 * Checks the current password. With reverification enabled, the form may omit the current password, because the user was verified
 * recently.
 */
async function requireCurrentPassword(
  context: ClerkContext,
  call: Call,
  given: string | undefined,
): Promise<UserRecord> {
  const session = currentSession(context, call);
  requireRecentVerification(context, session);
  const user = currentUser(context, call);
  // The task to replace a compromised password comes directly after a sign-in, so the current password is not required.
  if (session.status === "pending" && user.isPasswordCompromised) return user;
  const isAsked = !context.settings.needsReverification || given !== undefined;
  if (user.passwordHash && isAsked && !(await verifyPassword(given ?? "", user.passwordHash))) {
    throw passwordWrong("current_password");
  }
  return user;
}

/** Re-reads the user after hashing, and refuses the change if the password was changed meanwhile. */
function unchanged(context: ClerkContext, call: Call, before: UserRecord): UserRecord {
  const user = currentUser(context, call);
  if (user.passwordHash !== before.passwordHash) throw passwordWrong("current_password");
  return user;
}
