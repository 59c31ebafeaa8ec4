// Signing in: with a password, with a mailed code, with a ticket from the Backend API, or with a new
// password after a mailed code.

import { Hono } from "hono";
import { z } from "zod";
import {
  identifierUnknown,
  notFound,
  notImplemented,
  paramMissing,
  passwordWrong,
  refusal,
  strategyInvalid,
  verificationMissing,
} from "../errors";
import { newId } from "../ids";
import { checkPassword, hashPassword, verifyPassword } from "../passwords";
import { findUserByIdentifier, updateUser } from "../people";
import type { SignInRecord, UserRecord, VerificationRecord } from "../records";
import { signInJson } from "../resources/sign-in";
import {
  endSession,
  liveSessionsOfUser,
  requireMaySignIn,
  requireNotSignedIn,
  startSession,
  updateClient,
} from "../sessions";
import { attemptCode, prepareCode, verifiedWith } from "../verifications";
import type { World } from "../world";
import { type Call, currentClient, type FapiEnv, openClient, readForm, reply } from "./call";
import { flag, secret, text } from "./form";

const dayMs = 86_400_000;
const codeStrategy = z.enum(["email_code", "reset_password_email_code"]);

const creation = z.object({
  identifier: text,
  strategy: text,
  password: secret,
  ticket: text,
  transfer: flag,
});

export function signInRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ins", async (call) => {
    const given = await readForm(call, creation);
    const client = openClient(world, call);
    if (world.settings.sessions === "single") requireNotSignedIn(world, client.id, null);
    if (given.transfer) throw notImplemented("sign_ins with a transfer");
    const started = begin(world, client.id, given.identifier);
    const done = await firstTry(world, started, given);
    return reply(world, call, signInJson(world, done));
  });

  routes.get("/client/sign_ins/:id", (call) =>
    reply(world, call, signInJson(world, findSignIn(world, call))),
  );

  routes.post("/client/sign_ins/:id/prepare_first_factor", async (call) => {
    const signIn = findSignIn(world, call);
    const form = z.object({ strategy: text, email_address_id: text });
    const { strategy, email_address_id } = await readForm(call, form);
    const prepared = prepare(world, signIn, strategy ?? "", email_address_id);
    return reply(world, call, signInJson(world, prepared));
  });

  routes.post("/client/sign_ins/:id/attempt_first_factor", async (call) => {
    const signIn = findSignIn(world, call);
    const form = z.object({ strategy: text, code: text, password: secret });
    const { strategy, code, password } = await readForm(call, form);
    const done =
      strategy === "password"
        ? await tryPassword(world, signIn, password)
        : tryCode(world, signIn, strategy ?? "", code);
    return reply(world, call, signInJson(world, done));
  });

  routes.post("/client/sign_ins/:id/reset_password", async (call) => {
    const signIn = findSignIn(world, call);
    const form = z.object({ password: secret, sign_out_of_other_sessions: flag });
    const given = await readForm(call, form);
    if (signIn.status !== "needs_new_password") throw verificationMissing();
    if (!given.password) throw paramMissing("password");
    checkPassword(world.settings, given.password);
    const passwordHash = await hashPassword(given.password);
    const user = requireUser(world, signIn);
    if (given.sign_out_of_other_sessions) {
      for (const each of liveSessionsOfUser(world, user.id)) endSession(world, each, "revoked");
    }
    const changed = { passwordHash, passwordUpdatedAt: world.clock.now() };
    const done = complete(world, signIn, updateUser(world, user, changed), signIn.verification);
    return reply(world, call, signInJson(world, done));
  });

  return routes;
}

function findSignIn(world: World, call: Call): SignInRecord {
  const id = call.req.param("id") ?? "";
  const signIn = world.state.signIns.get(id);
  if (!signIn || signIn.clientId !== currentClient(world, call)?.id) throw notFound("sign in", id);
  return signIn;
}

function requireUser(world: World, signIn: SignInRecord): UserRecord {
  const user = world.state.users.get(signIn.userId);
  if (!user) throw identifierUnknown();
  return user;
}

function begin(world: World, clientId: string, identifier: string | undefined): SignInRecord {
  const user = identifier ? findUserByIdentifier(world, identifier) : undefined;
  if (identifier && !user) throw identifierUnknown();
  if (user) {
    requireMaySignIn(user);
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
  if (strategy === "ticket") return redeemTicket(world, signIn, ticket);
  if (strategy === "password" || (!strategy && password)) {
    return signIn.userId ? tryPassword(world, signIn, password) : signIn;
  }
  if (codeStrategy.safeParse(strategy).success) return prepare(world, signIn, strategy ?? "");
  if (strategy) throw notImplemented(`sign_ins with the strategy ${strategy}`);
  return signIn;
}

function prepare(world: World, signIn: SignInRecord, wanted: string, emailId?: string) {
  const user = requireUser(world, signIn);
  const strategy = codeStrategy.safeParse(wanted);
  const email = user.emails.find((each) => each.id === (emailId ?? user.primaryEmailId));
  if (!strategy.success || email?.verification?.status !== "verified") throw strategyInvalid();
  const to = { address: email.address, userId: user.id, emailId: email.id };
  return world.state.change(() =>
    world.state.signIns.put({ ...signIn, verification: prepareCode(world, strategy.data, to) }),
  );
}

async function tryPassword(world: World, signIn: SignInRecord, password: string | undefined) {
  const user = requireUser(world, signIn);
  if (!password) throw paramMissing("password");
  if (!user.passwordHash) throw strategyInvalid();
  if (!(await verifyPassword(password, user.passwordHash))) throw passwordWrong();
  return complete(world, signIn, user, verifiedWith("password"));
}

function tryCode(
  world: World,
  signIn: SignInRecord,
  strategy: string,
  code: string | undefined,
): SignInRecord {
  const user = requireUser(world, signIn);
  if (!code) throw paramMissing("code");
  if (signIn.verification && signIn.verification.strategy !== strategy) throw strategyInvalid();
  const verification = attemptCode(world, signIn.verification, code, (kept) =>
    world.state.signIns.put({ ...signIn, verification: kept }),
  );
  if (strategy === "email_code") return complete(world, signIn, user, verification);
  return world.state.signIns.put({ ...signIn, verification, status: "needs_new_password" });
}

function redeemTicket(world: World, signIn: SignInRecord, token: string | undefined): SignInRecord {
  if (!token) throw paramMissing("ticket");
  const ticket = world.state.ticketsByToken.first(token);
  const user = world.state.users.get(ticket?.userId);
  if (!ticket || !user || ticket.status === "revoked") {
    throw refusal(400, "ticket_invalid_code", "is invalid", "The ticket is invalid.");
  }
  if (ticket.status === "accepted") {
    const used = "This sign in token has already been used. Each token can only be used once.";
    throw refusal(400, "sign_in_token_already_used_code", "already used", used);
  }
  if (ticket.expiresAt <= world.clock.now()) {
    throw refusal(400, "ticket_expired_code", "expired", "The ticket has expired.");
  }
  requireMaySignIn(user);
  requireNotSignedIn(world, signIn.clientId, user.id);
  return world.state.change(() => {
    const updatedAt = world.clock.now();
    world.state.tickets.put({ ...ticket, status: "accepted", updatedAt });
    const known = { ...signIn, userId: user.id };
    return complete(world, known, user, verifiedWith("ticket"), ticket.organizationId);
  });
}

function complete(
  world: World,
  signIn: SignInRecord,
  user: UserRecord,
  verification: VerificationRecord | null,
  organizationId: string | null = null,
): SignInRecord {
  requireMaySignIn(user);
  return world.state.change(() => {
    const now = world.clock.now();
    const strategy = verification?.strategy ?? "password";
    const session = startSession(world, signIn.clientId, user, strategy);
    if (organizationId) {
      world.state.sessions.put({ ...session, lastActiveOrganizationId: organizationId });
    }
    updateUser(world, user, { lastSignInAt: now, lastActiveAt: now });
    updateClient(world, signIn.clientId, { signInId: null });
    return world.state.signIns.put({
      ...signIn,
      status: "complete",
      userId: user.id,
      verification,
      createdSessionId: session.id,
    });
  });
}
