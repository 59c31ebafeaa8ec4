// Sign-ins: by password, mailed code or link, ticket of the Backend API, or a new password after a mailed code.

import { Hono } from "hono";
import { z } from "zod";
import { requireOpenSignUp } from "../accounts/allowlist";
import { userWithVerifiedAddress } from "../accounts/identifier-owners";
import { requireTicket, settleTicket } from "../accounts/tickets";
import { findUserByIdentifier, updateUser } from "../accounts/users";
import { linkAccount } from "../authentication/external-accounts";
import { codeStrategyOf } from "../authentication/factors";
import { requireEmailAddress } from "../authentication/formats";
import {
  externalAccount,
  findByIdentity,
  oauthVerification,
  providerOf,
} from "../authentication/oauth";
import { checkPassword, hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import {
  identifierUnknown,
  notFound,
  notImplemented,
  paramMissing,
  transferInvalid,
  verificationMissing,
} from "../errors";
import { newId } from "../ids";
import { signInJson } from "../resources/sign-in";
import {
  endSession,
  isAbandoned,
  liveSessionsOfUser,
  requireNotBannedOrLocked,
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
  sign_up_if_missing: flag,
  redirect_url: text,
  action_complete_redirect_url: text,
});

const preparation = z.object({
  strategy: text,
  email_address_id: text,
  phone_number_id: text,
  redirect_url: text,
  action_complete_redirect_url: text,
});

export function signInRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ins", async (call) => {
    const given = readForm(call, creation);
    const client = openClient(context, call);
    if (context.settings.sessions === "single") requireNotSignedIn(context, client.id, null);
    const started = begin(context, client.id, given);
    const done = given.transfer
      ? transferred(context, started)
      : await firstTry(context, started, given);
    return reply(context, call, signInJson(context, done));
  });

  routes.get("/client/sign_ins/:id", (call) =>
    reply(context, call, signInJson(context, findSignIn(context, call))),
  );

  routes.post("/client/sign_ins/:id/prepare_first_factor", (call) => {
    const signIn = findSignIn(context, call);
    const given = readForm(call, preparation);
    const provider = providerOf(context, given.strategy);
    const prepared = provider
      ? startRound(context, signIn, provider, given)
      : prepareFirst(context, signIn, given);
    return reply(context, call, signInJson(context, prepared));
  });

  routes.post("/client/sign_ins/:id/prepare_second_factor", (call) => {
    const signIn = findSignIn(context, call);
    const prepared = prepareSecond(context, signIn, readForm(call, preparation));
    return reply(context, call, signInJson(context, prepared));
  });

  routes.post("/client/sign_ins/:id/attempt_first_factor", async (call) => {
    const signIn = findSignIn(context, call);
    const form = z.object({ strategy: text, code: text, password: secret });
    const done = await tryFirst(context, signIn, readForm(call, form));
    return reply(context, call, signInJson(context, done));
  });

  routes.post("/client/sign_ins/:id/reset_password", async (call) => {
    const form = z.object({ password: secret, sign_out_of_other_sessions: flag });
    const given = readForm(call, form);
    requireProvedReset(context, call);
    if (!given.password) throw paramMissing("password");
    checkPassword(context.settings, given.password);
    const passwordHash = await hashPassword(given.password);
    const signIn = requireProvedReset(context, call);
    const user = requireUser(context, signIn);
    requireOpen(context, signIn, user);
    if (given.sign_out_of_other_sessions) {
      for (const each of liveSessionsOfUser(context, user.id)) endSession(context, each, "revoked");
    }
    const changed = { passwordHash, passwordUpdatedAt: context.clock.now() };
    const done = completeSignIn(
      context,
      signIn,
      updateUser(context, user, changed),
      signIn.verification,
    );
    return reply(context, call, signInJson(context, done));
  });

  routes.post("/client/sign_ins/:id/attempt_second_factor", (call) => {
    const signIn = findSignIn(context, call);
    const form = z.object({ strategy: text, code: text });
    const done = trySecond(context, signIn, readForm(call, form));
    return reply(context, call, signInJson(context, done));
  });

  return routes;
}

function findSignIn(context: ClerkContext, call: Call): SignInRecord {
  const id = call.req.param("id") ?? "";
  const signIn = context.state.signIns.get(id);
  const isOwn = signIn?.clientId === currentClient(context, call)?.id;
  if (!signIn || !isOwn || isAbandoned(context, signIn)) throw notFound("sign in", id);
  return signIn;
}

function requireProvedReset(context: ClerkContext, call: Call): SignInRecord {
  const signIn = findSignIn(context, call);
  if (signIn.status !== "needs_new_password") throw verificationMissing();
  return signIn;
}

function begin(
  context: ClerkContext,
  clientId: string,
  { identifier, sign_up_if_missing }: z.infer<typeof creation>,
): SignInRecord {
  const user = identifier ? findUserByIdentifier(context, identifier) : undefined;
  const signUpIfMissing = identifier !== undefined && sign_up_if_missing === true;
  if (signUpIfMissing) {
    requireOpenSignUp(context);
    requireEmailAddress(identifier, "identifier");
  } else if (identifier && !user) throw identifierUnknown();
  if (user) {
    requireNotBannedOrLocked(context, user);
    requireNotSignedIn(context, clientId, user.id);
  }
  return context.state.change(() => {
    const signIn = context.state.signIns.make({
      id: newId("sia", context.clock.now()),
      clientId,
      status: user || signUpIfMissing ? "needs_first_factor" : "needs_identifier",
      identifier: identifier ?? null,
      userId: user?.id ?? null,
      signUpIfMissing,
      verification: null,
      createdSessionId: null,
      abandonAt: context.clock.now() + dayMs,
    });
    updateClient(context, clientId, { signInId: signIn.id });
    return signIn;
  });
}

/**
 * Attempts or prepares the first factor if the request that creates the sign-in contains one. Otherwise returns the sign-in
 * unchanged.
 */
async function firstTry(
  context: ClerkContext,
  signIn: SignInRecord,
  given: z.infer<typeof creation>,
) {
  const { strategy, password, ticket } = given;
  const provider = providerOf(context, strategy);
  if (provider) return startRound(context, signIn, provider, given);
  if (strategy === "ticket") return redeemTicket(context, signIn, ticket);
  if (strategy === "password" || (!strategy && password)) {
    return signIn.userId ? tryFirst(context, signIn, { strategy: "password", password }) : signIn;
  }
  if (codeStrategyOf(strategy) || strategy === "email_link") {
    return prepareFirst(context, signIn, given);
  }
  if (strategy) throw notImplemented(`sign_ins with the strategy ${strategy}`);
  return signIn;
}

function redeemTicket(
  context: ClerkContext,
  signIn: SignInRecord,
  token: string | undefined,
): SignInRecord {
  if (!token) throw paramMissing("ticket");
  const ticket = requireTicket(context, token);
  const invited = context.state.invitations.get(ticket.invitationId)?.emailAddress;
  const user =
    context.state.users.get(ticket.userId) ?? userWithVerifiedAddress(context, invited ?? "");
  if (!user) throw identifierUnknown();
  requireOpen(context, signIn, user, ticket);
  return context.state.change(() => {
    if (ticket.kind !== "organization_invitation") settleTicket(context, ticket, "accepted");
    return completeSignIn(
      context,
      { ...signIn, userId: user.id },
      user,
      verifiedWith("ticket"),
      ticket,
    );
  });
}

function startRound(
  context: ClerkContext,
  signIn: SignInRecord,
  provider: string,
  given: Pick<z.infer<typeof creation>, "redirect_url" | "action_complete_redirect_url">,
): SignInRecord {
  const redirectUrl = given.redirect_url ?? context.appOrigin;
  const round = context.rounds.begin({
    kind: "sign_in",
    targetId: signIn.id,
    clientId: signIn.clientId,
    provider,
    redirectUrl: requireOwnUrl(context, redirectUrl).href,
    completeUrl: requireOwnUrl(context, given.action_complete_redirect_url ?? redirectUrl).href,
  });
  const verification = oauthVerification(context, round);
  // The status is not `needs_first_factor`, because Clerk's components would ask for a first factor after the redirect.
  return context.state.signIns.put({ ...signIn, status: "needs_identifier", verification });
}

/** Completes a sign-in with the identity of the client's OAuth sign-up, because that identity belongs to an existing user. */
function transferred(context: ClerkContext, signIn: SignInRecord): SignInRecord {
  const client = context.state.clients.get(signIn.clientId);
  const signUp = context.state.signUps.get(client?.signUpId);
  const { externalVerification } = signUp ?? { externalVerification: null };
  const identity = context.rounds.find(externalVerification?.roundId)?.identity;
  const user = identity && findByIdentity(context, identity);
  if (!identity || !user) throw transferInvalid();
  requireOpen(context, signIn, user);
  const linked = linkAccount(context, user, identity);
  const known = { ...signIn, userId: user.id, identifier: identity.emailAddress };
  const { verification } = externalAccount(context, identity, "", "");
  return completeSignIn(context, known, linked, verification);
}
