// Proving again who one is, in a session that has long begun: first the first factor, then the second one of
// those who have one.

import { Hono } from "hono";
import { z } from "zod";
import {
  codeStrategyOf,
  proveCode,
  provePassword,
  proveSecondFactor,
  sendFactorCode,
} from "../authentication/factors";
import type { World } from "../context";
import { notFound, refusal, signedOut, strategyInvalid, verificationMissing } from "../errors";
import { hasSecondFactor } from "../resources/user";
import { reverificationJson, reverificationStatus } from "../sessions/reverification-json";
import { requireMaySignIn } from "../sessions/sessions";
import type { SessionRecord, UserRecord, VerificationRecord } from "../store/records";
import { type Call, callerOrigin, currentSession, type FapiEnv, readForm, reply } from "./call";
import { secret, text } from "./form";
import { noteFailure } from "./sign-in-completion";

const levels = z.enum(["first_factor", "second_factor", "multi_factor"]);
const preparation = z.object({ strategy: text, email_address_id: text, phone_number_id: text });
const attempt = z.object({ strategy: text, code: text, password: secret });

export function reverificationRoutes(world: World) {
  const routes = new Hono<FapiEnv>();
  const base = "/client/sessions/:id/verify";
  const answer = (call: Call, session: SessionRecord) =>
    reply(world, call, reverificationJson(world, session, callerOrigin(world, call)));

  routes.post(base, (call) => {
    const { session, user } = own(world, call);
    const { level } = readForm(call, z.object({ level: levels.default("first_factor") }));
    const wanted = level === "first_factor" || hasSecondFactor(user) ? level : "first_factor";
    const reverification = { level: wanted, first: null, second: null };
    return answer(call, world.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/prepare_first_factor`, (call) => {
    const { session, user, asked } = begun(world, call);
    const given = readForm(call, preparation);
    const strategy = codeStrategyOf(given.strategy);
    if (!strategy || strategy.startsWith("reset_password")) throw strategyInvalid();
    const id = given.email_address_id ?? given.phone_number_id;
    const first = sendFactorCode(world, user, strategy, id);
    const reverification = { ...asked, first };
    return answer(call, world.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/attempt_first_factor`, async (call) => {
    const { user, asked: before, keep } = begun(world, call);
    const { strategy = "", code, password } = readForm(call, attempt);
    const fail = () => noteFailure(world, user);
    const first =
      strategy === "password"
        ? await provePassword(world, user, password, fail)
        : proveCode(world, before.first, { strategy, code }, (kept) => {
            keep({ first: kept });
            fail();
          });
    const { session, asked } = begun(world, call);
    const verifiedAt = world.clock.now();
    const reverification = { ...asked, first };
    return answer(call, world.state.sessions.put({ ...session, verifiedAt, reverification }));
  });

  routes.post(`${base}/prepare_second_factor`, (call) => {
    const { session, user, asked } = begun(world, call);
    const given = readForm(call, preparation);
    if (given.strategy !== "phone_code") throw strategyInvalid();
    const second = sendFactorCode(world, user, "phone_code", given.phone_number_id);
    const reverification = { ...asked, second };
    return answer(call, world.state.sessions.put({ ...session, reverification }));
  });

  routes.post(`${base}/attempt_second_factor`, (call) => {
    const { session, user, asked, keep } = begun(world, call);
    const { strategy = "", code } = readForm(call, attempt);
    if (reverificationStatus(asked) !== "needs_second_factor") throw verificationMissing();
    const fail = () => noteFailure(world, user);
    const second =
      strategy === "phone_code"
        ? proveCode(world, asked.second, { strategy, code }, (kept) => {
            keep({ second: kept });
            fail();
          })
        : proveSecondFactor(world, user, { strategy, code }, fail).verification;
    const secondFactorAt = world.clock.now();
    const reverification = { ...asked, second };
    return answer(call, world.state.sessions.put({ ...session, secondFactorAt, reverification }));
  });

  return routes;
}

function own(world: World, call: Call): { session: SessionRecord; user: UserRecord } {
  const session = currentSession(world, call);
  const user = world.state.users.get(session.userId);
  if (!user) throw signedOut();
  const id = call.req.param("id") ?? "";
  if (session.id !== id) throw notFound("session", id);
  requireMaySignIn(world, user);
  return { session, user };
}

function begun(world: World, call: Call) {
  const { session, user } = own(world, call);
  const { reverification: asked } = session;
  if (!asked) {
    const message = "You need to start a new session verification flow first";
    throw refusal(400, "session_reverification_missing", "is missing", message);
  }
  const keep = (tried: { first?: VerificationRecord; second?: VerificationRecord }) => {
    world.state.sessions.put({ ...session, reverification: { ...asked, ...tried } });
  };
  return { session, user, asked, keep };
}
