// Signing up: an address, a password, the code that was mailed. The code is mailed when it is asked for
// and never sooner; the person exists from the moment the code is right.

import { Hono } from "hono";
import { z } from "zod";
import {
  identifierTaken,
  notFound,
  notImplemented,
  paramMissing,
  strategyInvalid,
} from "../errors";
import { newId } from "../ids";
import { checkPassword, hashPassword } from "../passwords";
import { createUser, updateUser } from "../people";
import type { SignUpRecord } from "../records";
import { isVerified, missingFields, signUpJson } from "../resources/sign-up";
import { requireNotSignedIn, startSession, updateClient } from "../sessions";
import { attemptCode, prepareCode } from "../verifications";
import type { World } from "../world";
import { type Call, currentClient, type FapiEnv, openClient, readForm, reply } from "./call";
import { flag, requireEmailAddress, requireMetadata, secret, text } from "./form";

const dayMs = 86_400_000;

const fields = z.object({
  email_address: text,
  username: text,
  first_name: text,
  last_name: text,
  password: secret,
  unsafe_metadata: text,
  strategy: text,
  ticket: text,
  transfer: flag,
});

export function signUpRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.post("/client/sign_ups", async (call) => {
    const given = await readForm(call, fields);
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
    const signUp = world.state.signUps.put(await filledIn(world, blank, given));
    updateClient(world, client.id, { signUpId: signUp.id });
    return reply(world, call, signUpJson(world, completed(world, signUp)));
  });

  routes.get("/client/sign_ups/:id", (call) =>
    reply(world, call, signUpJson(world, findSignUp(world, call))),
  );

  routes.patch("/client/sign_ups/:id", async (call) => {
    const signUp = findSignUp(world, call);
    const filled = await filledIn(world, signUp, await readForm(call, fields));
    return reply(world, call, signUpJson(world, completed(world, world.state.signUps.put(filled))));
  });

  routes.post("/client/sign_ups/:id/prepare_verification", async (call) => {
    const signUp = findSignUp(world, call);
    const { strategy } = await readForm(call, z.object({ strategy: text }));
    if (strategy !== "email_code") throw strategyInvalid();
    if (!signUp.emailAddress) throw paramMissing("email_address");
    const to = { address: signUp.emailAddress, userId: null, emailId: null };
    const prepared = world.state.change(() =>
      world.state.signUps.put({ ...signUp, verification: prepareCode(world, "email_code", to) }),
    );
    return reply(world, call, signUpJson(world, prepared));
  });

  routes.post("/client/sign_ups/:id/attempt_verification", async (call) => {
    const signUp = findSignUp(world, call);
    const { code } = await readForm(call, z.object({ code: text }));
    if (!code) throw paramMissing("code");
    const verified = attemptCode(world, signUp.verification, code, (verification) =>
      world.state.signUps.put({ ...signUp, verification }),
    );
    const done = completed(world, world.state.signUps.put({ ...signUp, verification: verified }));
    return reply(world, call, signUpJson(world, done));
  });

  return routes;
}

function findSignUp(world: World, call: Call): SignUpRecord {
  const id = call.req.param("id") ?? "";
  const signUp = world.state.signUps.get(id);
  if (!signUp || signUp.clientId !== currentClient(world, call)?.id) throw notFound("sign up", id);
  return signUp;
}

async function filledIn(world: World, signUp: SignUpRecord, given: z.infer<typeof fields>) {
  if (given.strategy || given.ticket || given.transfer) {
    throw notImplemented(`sign_ups with ${given.strategy ?? "a ticket or a transfer"}`);
  }
  const next = { ...signUp };
  if (given.email_address) {
    next.emailAddress = requireEmailAddress(given.email_address);
    requireFreeAddress(world, next.emailAddress);
    if (next.emailAddress !== signUp.emailAddress) next.verification = null;
  }
  if (given.username) next.username = requireFreeUsername(world, given.username);
  next.firstName = given.first_name ?? signUp.firstName;
  next.lastName = given.last_name ?? signUp.lastName;
  if (given.unsafe_metadata) next.unsafeMetadata = requireMetadata(given.unsafe_metadata);
  if (given.password) {
    checkPassword(world.settings, given.password);
    next.passwordHash = await hashPassword(given.password);
  }
  return next;
}

function requireFreeAddress(world: World, address: string): void {
  if (world.state.usersByEmail.first(address)) {
    throw identifierTaken("email_address", "email address");
  }
}

function requireFreeUsername(world: World, username: string): string {
  if (world.state.usersByUsername.first(username)) throw identifierTaken("username", "username");
  return username;
}

/** Makes the person and the session when nothing is missing any more. */
function completed(world: World, signUp: SignUpRecord): SignUpRecord {
  const { emailAddress } = signUp;
  const isReady = missingFields(signUp).length === 0 && isVerified(signUp);
  if (signUp.createdUserId || !emailAddress || !isReady) return signUp;
  requireFreeAddress(world, emailAddress);
  return world.state.change(() => {
    const now = world.clock.now();
    const user = createUser(world, {
      emailAddresses: [emailAddress],
      verifiedBy: "email_code",
      firstName: signUp.firstName,
      lastName: signUp.lastName,
      username: signUp.username,
      passwordHash: signUp.passwordHash,
      unsafeMetadata: signUp.unsafeMetadata,
    });
    const session = startSession(world, signUp.clientId, user, "email_code");
    updateUser(world, user, { lastSignInAt: now, lastActiveAt: now });
    updateClient(world, signUp.clientId, { signUpId: null });
    return world.state.signUps.put({
      ...signUp,
      createdUserId: user.id,
      createdSessionId: session.id,
    });
  });
}
