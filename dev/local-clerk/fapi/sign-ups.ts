// Signing up: an address, a password, the code that was mailed. The code is mailed when it is asked for
// and never sooner; the person exists from the moment the code is right.

import { Hono } from "hono";
import { z } from "zod";
import { requireAllowed, requireOpenDoor } from "../accounts/allowlist";
import { requireTicket } from "../accounts/tickets";
import { requireEmailAddress, requirePhoneNumber } from "../authentication/formats";
import { requireFreeAddress, requireFreeNumber } from "../authentication/identifications";
import { oauthVerification, providerOf } from "../authentication/oauth";
import { checkPassword, hashPassword } from "../authentication/passwords";
import type { World } from "../context";
import {
  notFound,
  notImplemented,
  paramUnknown,
  refusal,
  signUpOver,
  transferInvalid,
} from "../errors";
import { newId } from "../ids";
import type { Provider } from "../instance/providers";
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

export function signUpRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ups", async (call) => {
    const given = readForm(call, fields);
    const passwordHash = await hashed(world, given.password);
    const client = openClient(world, call);
    if (world.settings.sessions === "single") requireNotSignedIn(world, client.id, null);
    const blank = world.state.signUps.make({
      id: newId("sua", world.clock.now()),
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
      abandonAt: world.clock.now() + dayMs,
    });
    const provider = providerOf(world, given.strategy);
    const identity = given.transfer ? transferredIdentity(world, client.id) : undefined;
    if (!given.ticket) requireOpenDoor(world);
    const filled = filledIn(world, blank, given, passwordHash);
    const signUp = world.state.signUps.put(
      provider ? startRound(world, filled, provider, given) : filled,
    );
    updateClient(world, client.id, { signUpId: signUp.id });
    return reply(world, call, signUpJson(world, completeSignUp(world, signUp, identity)));
  });

  routes.get("/client/sign_ups/:id", (call) =>
    reply(world, call, signUpJson(world, findSignUp(world, call))),
  );

  routes.patch("/client/sign_ups/:id", async (call) => {
    const given = readForm(call, fields);
    const passwordHash = await hashed(world, given.password);
    const signUp = findSignUp(world, call);
    if (signUp.createdUserId) throw signUpOver();
    const filled = filledIn(world, signUp, given, passwordHash);
    return reply(world, call, signUpJson(world, completeSignUp(world, filled)));
  });

  routes.post("/client/sign_ups/:id/prepare_verification", (call) => {
    const signUp = findSignUp(world, call);
    const form = z.object({ strategy: text, redirect_url: text });
    const given = readForm(call, form);
    const prepared = world.state.change(() => prepareSignUp(world, signUp, given));
    return reply(world, call, signUpJson(world, prepared));
  });

  routes.post("/client/sign_ups/:id/attempt_verification", (call) => {
    const signUp = findSignUp(world, call);
    const given = readForm(call, z.object({ strategy: text, code: text }));
    const done = completeSignUp(world, attemptSignUp(world, signUp, given));
    return reply(world, call, signUpJson(world, done));
  });

  return routes;
}

function findSignUp(world: World, call: Call): SignUpRecord {
  const id = call.req.param("id") ?? "";
  const signUp = world.state.signUps.get(id);
  const isOwn = signUp?.clientId === currentClient(world, call)?.id;
  if (!signUp || !isOwn || isAbandoned(world, signUp)) throw notFound("sign up", id);
  return signUp;
}

function filledIn(
  world: World,
  signUp: SignUpRecord,
  given: z.infer<typeof fields>,
  passwordHash: string | null,
): SignUpRecord {
  if (given.strategy && given.strategy !== "ticket" && !providerOf(world, given.strategy)) {
    throw notImplemented(`sign_ups with the strategy ${given.strategy}`);
  }
  const next = given.ticket ? invited(world, signUp, given.ticket) : { ...signUp };
  if (given.legal_accepted) next.legalAcceptedAt = world.clock.now();
  const { settings } = world;
  // Whoever is invited is so by their own address, and by no other.
  if (given.email_address && !next.ticketId) {
    if (settings.email === "off") throw paramUnknown("email_address");
    next.emailAddress = requireEmailAddress(given.email_address);
    requireFreeAddress(world, next.emailAddress);
    requireAllowed(world, next.emailAddress);
    if (next.emailAddress !== signUp.emailAddress) next.verification = null;
  }
  if (given.phone_number && settings.phone !== "off") {
    next.phoneNumber = requirePhoneNumber(given.phone_number);
    requireFreeNumber(world, next.phoneNumber);
    if (next.phoneNumber !== signUp.phoneNumber) next.phoneVerification = null;
  }
  if (given.username) {
    if (settings.username === "off") throw paramUnknown("username");
    next.username = requireUsername(world, given.username);
  }
  next.firstName = given.first_name ?? signUp.firstName;
  next.lastName = given.last_name ?? signUp.lastName;
  if (given.unsafe_metadata) next.unsafeMetadata = requireMetadata(given.unsafe_metadata);
  if (passwordHash) next.passwordHash = passwordHash;
  return next;
}

/** Before anything is read that could change meanwhile. */
async function hashed(world: World, password: string | undefined): Promise<string | null> {
  if (!password) return null;
  checkPassword(world.settings, password);
  return hashPassword(password);
}

/** The invitation says the address, and that it is theirs. */
function invited(world: World, signUp: SignUpRecord, token: string): SignUpRecord {
  const ticket = requireTicket(world, token);
  const { appInvitations, invitations } = world.state;
  const toApp = appInvitations.get(ticket.invitationId);
  const emailAddress = (toApp ?? invitations.get(ticket.invitationId))?.emailAddress;
  if (!emailAddress) {
    const noun = ticket.kind === "actor" ? "actor" : "sign_in";
    const long = "Such tokens can only be used during sign in.";
    throw refusal(400, `${noun}_token_not_in_sign_in_code`, "not in sign in", long);
  }
  requireFreeAddress(world, emailAddress);
  return {
    ...signUp,
    emailAddress,
    ticketId: ticket.id,
    publicMetadata: toApp?.publicMetadata ?? {},
    verification: verifiedWith("ticket"),
  };
}

function startRound(
  world: World,
  signUp: SignUpRecord,
  provider: Provider,
  given: z.infer<typeof fields>,
): SignUpRecord {
  const redirectUrl = given.redirect_url ?? world.appOrigin;
  const round = world.rounds.begin({
    kind: "sign_up",
    targetId: signUp.id,
    clientId: signUp.clientId,
    provider,
    redirectUrl: requireOwnUrl(world, redirectUrl).href,
    completeUrl: requireOwnUrl(world, given.action_complete_redirect_url ?? redirectUrl).href,
  });
  return { ...signUp, externalVerification: oauthVerification(world, round) };
}

/** Whoever came to sign in and is not known yet. */
function transferredIdentity(world: World, clientId: string): Identity {
  const signIn = world.state.signIns.get(world.state.clients.get(clientId)?.signInId);
  const identity = world.rounds.find(signIn?.verification?.roundId)?.identity;
  if (!identity) throw transferInvalid();
  return identity;
}
