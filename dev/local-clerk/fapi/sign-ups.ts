// Sign-ups. A usual sign-up consists of an address, a password and a mailed code. The code is mailed only when the page requests
// it. The user is created once the code is correct.

import { Hono } from "hono";
import { z } from "zod";
import { requireAllowed, requireOpenSignUp } from "../accounts/allowlist";
import { requireTicket } from "../accounts/tickets";
import { requireEmailAddress, requirePhoneNumber } from "../authentication/formats";
import { requireFreeAddress, requireFreeNumber } from "../authentication/identifications";
import { oauthVerification, providerOf } from "../authentication/oauth";
import { checkPassword, hashPassword } from "../authentication/passwords";
import type { ClerkContext } from "../context";
import {
  notFound,
  notImplemented,
  paramUnknown,
  refusal,
  signUpComplete,
  transferInvalid,
} from "../errors";
import { newId } from "../ids";
import { requireUsername } from "../instance/usernames";
import { signUpJson } from "../resources/sign-up";
import type { Identity } from "../sessions/oauth-rounds";
import { isAbandoned, requireNotSignedIn, updateClient } from "../sessions/sessions";
import type { SignUpRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { type Call, currentClient, type FapiEnv, openClient, readForm, reply } from "./call";
import { flag, json, name, requireMetadata, secret, text } from "./form";
import { requireOwnUrl } from "./own-url";
import { completeSignUp } from "./sign-up-completion";
import { attemptSignUp, prepareSignUp } from "./sign-up-verification";

const dayMs = 86_400_000;

const fields = z.object({
  email_address: text,
  phone_number: text,
  username: text,
  first_name: name,
  last_name: name,
  password: secret,
  unsafe_metadata: json,
  strategy: text,
  ticket: text,
  transfer: flag,
  redirect_url: text,
  action_complete_redirect_url: text,
  legal_accepted: flag,
});

export function signUpRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ups", async (call) => {
    const given = readForm(call, fields);
    const passwordHash = await hashed(context, given.password);
    const client = openClient(context, call);
    if (context.settings.sessions === "single") requireNotSignedIn(context, client.id, null);
    const blank = context.state.signUps.make({
      id: newId("sua", context.clock.now()),
      clientId: client.id,
      emailAddress: null,
      username: null,
      firstName: null,
      lastName: null,
      passwordHash: null,
      unsafeMetadata: {},
      verification: null,
      createdUserId: null,
      createdSessionId: null,
      abandonAt: context.clock.now() + dayMs,
    });
    const address = given.transfer ? transferredAddress(context, client.id) : null;
    const isFromProvider = given.transfer && address === null;
    const identity = isFromProvider ? transferredIdentity(context, client.id) : undefined;
    if (!given.ticket) requireOpenSignUp(context);
    const filled = { ...filledIn(context, blank, given, passwordHash), ...address };
    const signUp = context.state.change(() => {
      const started = startStrategy(context, filled, given);
      updateClient(context, client.id, { signUpId: started.id });
      return started;
    });
    return reply(context, call, signUpJson(context, completeSignUp(context, signUp, identity)));
  });

  routes.get("/client/sign_ups/:id", (call) =>
    reply(context, call, signUpJson(context, findSignUp(context, call))),
  );

  routes.patch("/client/sign_ups/:id", async (call) => {
    const given = readForm(call, fields);
    const passwordHash = await hashed(context, given.password);
    const signUp = findSignUp(context, call);
    if (signUp.createdUserId) throw signUpComplete();
    const filled = filledIn(context, signUp, given, passwordHash);
    const started = context.state.change(() => startStrategy(context, filled, given));
    return reply(context, call, signUpJson(context, completeSignUp(context, started)));
  });

  routes.post("/client/sign_ups/:id/prepare_verification", (call) => {
    const signUp = findSignUp(context, call);
    const form = z.object({ strategy: text, redirect_url: text });
    const given = readForm(call, form);
    const prepared = context.state.change(() => prepareSignUp(context, signUp, given));
    return reply(context, call, signUpJson(context, prepared));
  });

  routes.post("/client/sign_ups/:id/attempt_verification", (call) => {
    const signUp = findSignUp(context, call);
    const given = readForm(call, z.object({ strategy: text, code: text }));
    const done = completeSignUp(context, attemptSignUp(context, signUp, given));
    return reply(context, call, signUpJson(context, done));
  });

  return routes;
}

function findSignUp(context: ClerkContext, call: Call): SignUpRecord {
  const id = call.req.param("id") ?? "";
  const signUp = context.state.signUps.get(id);
  const isOwn = signUp?.clientId === currentClient(context, call)?.id;
  if (!signUp || !isOwn || isAbandoned(context, signUp)) throw notFound("sign up", id);
  return signUp;
}

function filledIn(
  context: ClerkContext,
  signUp: SignUpRecord,
  given: z.infer<typeof fields>,
  passwordHash: string | null,
): SignUpRecord {
  const next = given.ticket ? invited(context, signUp, given.ticket) : { ...signUp };
  if (given.legal_accepted) next.legalAcceptedAt = context.clock.now();
  const { settings } = context;
  // An invitation is valid only for the invited address, so the typed address is ignored.
  if (given.email_address && !next.ticketId) {
    if (settings.email === "off") throw paramUnknown("email_address");
    next.emailAddress = requireEmailAddress(given.email_address);
    requireFreeAddress(context, next.emailAddress);
    requireAllowed(context, next.emailAddress);
    if (next.emailAddress !== signUp.emailAddress) next.verification = null;
  }
  if (given.phone_number) {
    if (settings.phone === "off") throw paramUnknown("phone_number");
    next.phoneNumber = requirePhoneNumber(given.phone_number);
    requireFreeNumber(context, next.phoneNumber);
    if (next.phoneNumber !== signUp.phoneNumber) next.phoneVerification = null;
  }
  if (given.username) {
    if (settings.username === "off") throw paramUnknown("username");
    next.username = requireUsername(context, given.username);
  }
  if (settings.password === "off" && given.password) throw paramUnknown("password");
  next.firstName = given.first_name ?? signUp.firstName;
  next.lastName = given.last_name ?? signUp.lastName;
  if (given.unsafe_metadata) next.unsafeMetadata = requireMetadata(given.unsafe_metadata);
  if (passwordHash) next.passwordHash = passwordHash;
  return next;
}

/** Hashes the password. Await it before reading any record, because records may change meanwhile. */
async function hashed(context: ClerkContext, password: string | undefined): Promise<string | null> {
  if (!password) return null;
  checkPassword(context.settings, password);
  return hashPassword(password);
}

/** Applies the invitation of the ticket: the sign-up gets the invited address, already verified. */
function invited(context: ClerkContext, signUp: SignUpRecord, token: string): SignUpRecord {
  const ticket = requireTicket(context, token);
  const { appInvitations, invitations } = context.state;
  const toApp = appInvitations.get(ticket.invitationId);
  const emailAddress = (toApp ?? invitations.get(ticket.invitationId))?.emailAddress;
  if (!emailAddress) {
    const noun = ticket.kind === "actor" ? "actor" : "sign_in";
    const long = "Such tokens can only be used during sign in.";
    throw refusal(400, `${noun}_token_not_in_sign_in_code`, "not in sign in", long);
  }
  requireFreeAddress(context, emailAddress);
  return {
    ...signUp,
    emailAddress,
    ticketId: ticket.id,
    publicMetadata: toApp?.publicMetadata ?? {},
    verification: verifiedWith("ticket"),
  };
}

/**
 * Starts the verification that the strategy requires: a redirect to a provider, or a code or link to the email address or phone
 * number. Other strategies only store the sign-up.
 */
function startStrategy(
  context: ClerkContext,
  signUp: SignUpRecord,
  given: z.infer<typeof fields>,
): SignUpRecord {
  const { strategy } = given;
  const provider = providerOf(context, strategy);
  if (provider) return context.state.signUps.put(startRound(context, signUp, provider, given));
  switch (strategy) {
    case undefined:
    case "password":
    case "ticket":
      return context.state.signUps.put(signUp);
    case "email_code":
    case "email_link":
    case "phone_code":
      return prepareSignUp(context, signUp, given);
    default:
      throw notImplemented(`sign_ups with the strategy ${strategy}`);
  }
}

function startRound(
  context: ClerkContext,
  signUp: SignUpRecord,
  provider: string,
  given: z.infer<typeof fields>,
): SignUpRecord {
  const redirectUrl = given.redirect_url ?? context.appOrigin;
  const round = context.rounds.begin({
    kind: "sign_up",
    targetId: signUp.id,
    clientId: signUp.clientId,
    provider,
    redirectUrl: requireOwnUrl(context, redirectUrl).href,
    completeUrl: requireOwnUrl(context, given.action_complete_redirect_url ?? redirectUrl).href,
  });
  return { ...signUp, externalVerification: oauthVerification(context, round) };
}

/** Returns the address that a sign-in with `sign_up_if_missing` has verified; null when no such sign-in is in progress. */
function transferredAddress(context: ClerkContext, clientId: string) {
  const signIn = context.state.signIns.get(context.state.clients.get(clientId)?.signInId);
  const { verification, identifier } = signIn ?? { verification: null, identifier: null };
  if (!signIn?.signUpIfMissing || verification?.status !== "transferable") return null;
  const emailAddress = requireEmailAddress(identifier ?? "");
  requireAllowed(context, emailAddress);
  return { emailAddress, verification: { ...verification, status: "verified" as const } };
}

/**
 * Returns the identity that the provider returned for the client's OAuth sign-in. No user has this identity yet. Throws when
 * there is no such identity.
 */
function transferredIdentity(context: ClerkContext, clientId: string): Identity {
  const signIn = context.state.signIns.get(context.state.clients.get(clientId)?.signInId);
  const identity = context.rounds.find(signIn?.verification?.roundId)?.identity;
  if (!identity) throw transferInvalid();
  return identity;
}
