// Signing in: with a password, with a mailed code, with a ticket from the Backend API, or with a new
// password after a mailed code.

import { Hono } from "hono";
import { z } from "zod";
import { readerOfAddress } from "../accounts/identifier-owners";
import { requireTicket, settleTicket } from "../accounts/tickets";
import { findUserByIdentifier, updateUser } from "../accounts/users";
import { linkAccount } from "../authentication/external-accounts";
import { codeStrategyOf } from "../authentication/factors";
import {
  externalAccount,
  findByIdentity,
  oauthVerification,
  providerOf,
} from "../authentication/oauth";
import { checkPassword, hashPassword } from "../authentication/passwords";
import type { World } from "../context";
import {
  identifierUnknown,
  notFound,
  notImplemented,
  paramMissing,
  transferInvalid,
  verificationMissing,
} from "../errors";
import { newId } from "../ids";
import type { Provider } from "../instance/providers";
import { signInJson } from "../resources/sign-in";
import {
  endSession,
  isAbandoned,
  liveSessionsOfUser,
  requireMaySignIn,
  requireNotSignedIn,
  updateClient,
} from "../sessions/sessions";
import type { SignInRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { type Call, currentClient, type FapiEnv, openClient, readForm, reply } from "./call";
import { flag, secret, text } from "./form";
import { requireOwnUrl } from "./own-url";
import { completeSignIn, requireOpen } from "./sign-in-completion";
import { prepareFirst, prepareSecond, requireUser, tryFirst, trySecond } from "./sign-in-factors";

const dayMs = 86_400_000;

const creation = z.object({
  identifier: text,
  strategy: text,
  password: secret,
  ticket: text,
  transfer: flag,
  redirect_url: text,
  action_complete_redirect_url: text,
});

const preparation = z.object({
  strategy: text,
  email_address_id: text,
  phone_number_id: text,
  redirect_url: text,
});

export function signInRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ins", async (call) => {
    const given = readForm(call, creation);
    const client = openClient(world, call);
    if (world.settings.sessions === "single") requireNotSignedIn(world, client.id, null);
    const started = begin(world, client.id, given.identifier);
    const done = given.transfer
      ? transferred(world, started)
      : await firstTry(world, started, given);
    return reply(world, call, signInJson(world, done));
  });

  routes.get("/client/sign_ins/:id", (call) =>
    reply(world, call, signInJson(world, findSignIn(world, call))),
  );

  routes.post("/client/sign_ins/:id/prepare_first_factor", (call) => {
    const signIn = findSignIn(world, call);
    const prepared = prepareFirst(world, signIn, readForm(call, preparation));
    return reply(world, call, signInJson(world, prepared));
  });

  routes.post("/client/sign_ins/:id/prepare_second_factor", (call) => {
    const signIn = findSignIn(world, call);
    const prepared = prepareSecond(world, signIn, readForm(call, preparation));
    return reply(world, call, signInJson(world, prepared));
  });

  routes.post("/client/sign_ins/:id/attempt_first_factor", async (call) => {
    const signIn = findSignIn(world, call);
    const form = z.object({ strategy: text, code: text, password: secret });
    const done = await tryFirst(world, signIn, readForm(call, form));
    return reply(world, call, signInJson(world, done));
  });

  routes.post("/client/sign_ins/:id/reset_password", async (call) => {
    const form = z.object({ password: secret, sign_out_of_other_sessions: flag });
    const given = readForm(call, form);
    requireProvedReset(world, call);
    if (!given.password) throw paramMissing("password");
    checkPassword(world.settings, given.password);
    const passwordHash = await hashPassword(given.password);
    const signIn = requireProvedReset(world, call);
    const user = requireUser(world, signIn);
    requireOpen(world, signIn, user);
    if (given.sign_out_of_other_sessions) {
      for (const each of liveSessionsOfUser(world, user.id)) endSession(world, each, "revoked");
    }
    const changed = { passwordHash, passwordUpdatedAt: world.clock.now() };
    const done = completeSignIn(
      world,
      signIn,
      updateUser(world, user, changed),
      signIn.verification,
    );
    return reply(world, call, signInJson(world, done));
  });

  routes.post("/client/sign_ins/:id/attempt_second_factor", (call) => {
    const signIn = findSignIn(world, call);
    const form = z.object({ strategy: text, code: text });
    const done = trySecond(world, signIn, readForm(call, form));
    return reply(world, call, signInJson(world, done));
  });

  return routes;
}

function findSignIn(world: World, call: Call): SignInRecord {
  const id = call.req.param("id") ?? "";
  const signIn = world.state.signIns.get(id);
  const isOwn = signIn?.clientId === currentClient(world, call)?.id;
  if (!signIn || !isOwn || isAbandoned(world, signIn)) throw notFound("sign in", id);
  return signIn;
}

function requireProvedReset(world: World, call: Call): SignInRecord {
  const signIn = findSignIn(world, call);
  if (signIn.status !== "needs_new_password") throw verificationMissing();
  return signIn;
}

function begin(world: World, clientId: string, identifier: string | undefined): SignInRecord {
  const user = identifier ? findUserByIdentifier(world, identifier) : undefined;
  if (identifier && !user) throw identifierUnknown();
  if (user) {
    requireMaySignIn(world, user);
    requireNotSignedIn(world, clientId, user.id);
  }
  return world.state.change(() => {
    const signIn = world.state.signIns.make({
      id: newId("sia", world.clock.now()),
      clientId,
      status: user ? "needs_first_factor" : "needs_identifier",
      identifier: identifier ?? null,
      userId: user?.id ?? null,
      verification: null,
      createdSessionId: null,
      abandonAt: world.clock.now() + dayMs,
    });
    updateClient(world, clientId, { signInId: signIn.id });
    return signIn;
  });
}

/** A first factor may come along with the identifier. */
async function firstTry(world: World, signIn: SignInRecord, given: z.infer<typeof creation>) {
  const { strategy, password, ticket } = given;
  const provider = providerOf(world, strategy);
  if (provider) return startRound(world, signIn, provider, given);
  if (strategy === "ticket") return redeemTicket(world, signIn, ticket);
  if (strategy === "password" || (!strategy && password)) {
    return signIn.userId ? tryFirst(world, signIn, { strategy: "password", password }) : signIn;
  }
  if (codeStrategyOf(strategy) || strategy === "email_link") {
    return prepareFirst(world, signIn, given);
  }
  if (strategy) throw notImplemented(`sign_ins with the strategy ${strategy}`);
  return signIn;
}

function redeemTicket(world: World, signIn: SignInRecord, token: string | undefined): SignInRecord {
  if (!token) throw paramMissing("ticket");
  const ticket = requireTicket(world, token);
  const invited = world.state.invitations.get(ticket.invitationId)?.emailAddress;
  const user = world.state.users.get(ticket.userId) ?? readerOfAddress(world, invited ?? "");
  if (!user) throw identifierUnknown();
  requireMaySignIn(world, user);
  requireNotSignedIn(world, signIn.clientId, user.id);
  return world.state.change(() => {
    if (ticket.kind !== "organization_invitation") settleTicket(world, ticket, "accepted");
    return completeSignIn(
      world,
      { ...signIn, userId: user.id },
      user,
      verifiedWith("ticket"),
      ticket,
    );
  });
}

function startRound(
  world: World,
  signIn: SignInRecord,
  provider: Provider,
  given: z.infer<typeof creation>,
): SignInRecord {
  const redirectUrl = given.redirect_url ?? world.appOrigin;
  const round = world.rounds.begin({
    kind: "sign_in",
    targetId: signIn.id,
    clientId: signIn.clientId,
    provider,
    redirectUrl: requireOwnUrl(world, redirectUrl).href,
    completeUrl: requireOwnUrl(world, given.action_complete_redirect_url ?? redirectUrl).href,
  });
  const verification = oauthVerification(world, round);
  // With a first factor in the status, the components would ask for one on the way back.
  return world.state.signIns.put({ ...signIn, status: "needs_identifier", verification });
}

/** Whoever came to sign up and is known already. */
function transferred(world: World, signIn: SignInRecord): SignInRecord {
  const client = world.state.clients.get(signIn.clientId);
  const signUp = world.state.signUps.get(client?.signUpId);
  const { externalVerification } = signUp ?? { externalVerification: null };
  const identity = world.rounds.find(externalVerification?.roundId)?.identity;
  const user = identity && findByIdentity(world, identity);
  if (!identity || !user) throw transferInvalid();
  requireOpen(world, signIn, user);
  const linked = linkAccount(world, user, identity);
  const known = { ...signIn, userId: user.id, identifier: identity.emailAddress };
  const { verification } = externalAccount(world, identity, "", "");
  return completeSignIn(world, known, linked, verification);
}
