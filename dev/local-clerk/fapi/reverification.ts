// Reverification of a session: the first factor again, then the second factor of users who have one.

import { Hono } from "hono";
import { z } from "zod";
import {
  attemptFactorCode,
  attemptPassword,
  attemptSecondFactor,
  codeStrategyOf,
  sendFactorCode,
} from "../authentication/factors";
import type { ClerkContext } from "../context";
import { notFound, refusal, signedOut, strategyInvalid, verificationMissing } from "../errors";
import { hasSecondFactor } from "../resources/user";
import { reverificationJson, reverificationStatus } from "../sessions/reverification-json";
import { requireNotBannedOrLocked } from "../sessions/sessions";
import type { SessionRecord, UserRecord, VerificationRecord } from "../store/records";
import { type Call, callerOrigin, currentSession, type FapiEnv, readForm, reply } from "./call";
import { secret, text } from "./form";
import { noteFailure } from "./sign-in-completion";

const levels = z.enum(["first_factor", "second_factor", "multi_factor"]);
const preparation = z.object({ strategy: text, email_address_id: text, phone_number_id: text });
const attempt = z.object({ strategy: text, code: text, password: secret });

export function reverificationRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();
  const base = "/client/sessions/:id/verify";
  const answer = (call: Call, session: SessionRecord) =>
    reply(context, call, reverificationJson(context, session, callerOrigin(context, call)));

  routes.post(base, (call) => {
    const { session, user } = own(context, call);
    const { level } = readForm(call, z.object({ level: levels.default("first_factor") }));
    const requiredLevel =
      level === "first_factor" || hasSecondFactor(user) ? level : "first_factor";
    const reverification = { level: requiredLevel, first: null, second: null };
    return answer(call, context.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/prepare_first_factor`, (call) => {
    const { session, user, asked } = begun(context, call);
    const given = readForm(call, preparation);
    const strategy = codeStrategyOf(given.strategy);
    if (!strategy || strategy.startsWith("reset_password")) throw strategyInvalid();
    const id = given.email_address_id ?? given.phone_number_id;
    const first = sendFactorCode(context, user, strategy, id);
    const reverification = { ...asked, first };
    return answer(call, context.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/attempt_first_factor`, async (call) => {
    const { user, asked: before, keep } = begun(context, call);
    const { strategy = "", code, password } = readForm(call, attempt);
    const fail = () => noteFailure(context, user);
    const first =
      strategy === "password"
        ? await attemptPassword(context, user, password, fail)
        : attemptFactorCode(context, before.first, { strategy, code }, (kept) => {
            keep({ first: kept });
            fail();
          });
    const { session, asked } = begun(context, call);
    return answer(call, putProof(context, session, { ...asked, first }));
  });

  routes.post(`${base}/prepare_second_factor`, (call) => {
    const { session, user, asked } = begun(context, call);
    const given = readForm(call, preparation);
    if (given.strategy !== "phone_code") throw strategyInvalid();
    const second = sendFactorCode(context, user, "phone_code", given.phone_number_id);
    const reverification = { ...asked, second };
    return answer(call, context.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/attempt_second_factor`, (call) => {
    const { session, user, asked, keep } = begun(context, call);
    const { strategy = "", code } = readForm(call, attempt);
    if (reverificationStatus(asked) !== "needs_second_factor") throw verificationMissing();
    const fail = () => noteFailure(context, user);
    const second =
      strategy === "phone_code"
        ? attemptFactorCode(context, asked.second, { strategy, code }, (kept) => {
            keep({ second: kept });
            fail();
          })
        : attemptSecondFactor(context, user, { strategy, code }, fail).verification;
    return answer(call, putProof(context, session, { ...asked, second }));
  });

  return routes;
}

/** Stores the state of the reverification. When it is complete, also sets the verification times of the factors. */
function putProof(
  context: ClerkContext,
  session: SessionRecord,
  reverification: NonNullable<SessionRecord["reverification"]>,
): SessionRecord {
  const isComplete = reverificationStatus(reverification) === "complete";
  const now = context.clock.now();
  return context.state.sessions.put({
    ...session,
    reverification,
    ...(isComplete && reverification.first ? { verifiedAt: now } : {}),
    ...(isComplete && reverification.second ? { secondFactorAt: now } : {}),
  });
}

function own(context: ClerkContext, call: Call): { session: SessionRecord; user: UserRecord } {
  const session = currentSession(context, call);
  const user = context.state.users.get(session.userId);
  if (!user) throw signedOut();
  const id = call.req.param("id") ?? "";
  if (session.id !== id) throw notFound("session", id);
  requireNotBannedOrLocked(context, user);
  return { session, user };
}

function begun(context: ClerkContext, call: Call) {
  const { session, user } = own(context, call);
  const { reverification: asked } = session;
  if (!asked) {
    const message = "You need to start a new session verification flow first";
    throw refusal(400, "session_reverification_missing", "is missing", message);
  }
  const keep = (tried: { first?: VerificationRecord; second?: VerificationRecord }) => {
    context.state.sessions.put({ ...session, reverification: { ...asked, ...tried } });
  };
  return { session, user, asked, keep };
}
