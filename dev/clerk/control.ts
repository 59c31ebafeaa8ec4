// What people and tests ask of the local Clerk itself: the mail it "sent", who is there, how webhooks
// go; and a few levers. On its own port only, never through the app's proxy, and no other site's page
// may pull a lever.

import { randomBytes } from "node:crypto";
import { Hono } from "hono";
import { MovableClock } from "./clock";
import { leverRoutes } from "./control-levers";
import {
  advanceShape,
  type Message,
  newUserShape,
  type OrganizationSummary,
  type Overview,
  type Person,
} from "./control-shapes";
import { devPage } from "./dev-page";
import { envelope, parseInput, toRefusal } from "./envelope";
import { identifierTaken, notFound, notImplemented, refusal } from "./errors";
import { hashPassword } from "./passwords";
import { createUser } from "./people";
import type { UserRecord } from "./records";
import type { MessageRecord } from "./records-webhooks";
import { displayName, primaryEmail } from "./resources/public-user";
import { userForServer } from "./resources/user";
import { plantRoles, roleName } from "./roles";
import { type Seed, sow } from "./seed";
import { applySettings } from "./settings";
import { appEndpointId } from "./webhook-endpoints";
import type { World } from "./world";

const shown = 100;

export function controlApi(world: World, seed: Seed) {
  const routes = new Hono();

  routes.use(async (call, next) => {
    const origin = call.req.header("origin");
    const isOwn = origin === undefined || new URL(origin).host === call.req.header("host");
    if (!isOwn)
      throw refusal(403, "origin_invalid", "The control API is for its own page and tests.");
    await next();
    call.header("cache-control", "no-store");
  });

  routes.get("/", (call) => {
    const nonce = randomBytes(16).toString("base64url");
    const sources = `script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'`;
    call.header(
      "content-security-policy",
      `default-src 'none'; ${sources}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    );
    return call.html(devPage(nonce));
  });

  routes.get("/overview.json", (call) => call.json(overview(world, seed)));
  routes.get("/outbox.json", (call) => {
    const to = call.req.query("to")?.toLowerCase();
    const mails = [...world.state.mails.all()].reverse();
    return call.json(to ? mails.filter((mail) => mail.to === to) : mails);
  });
  routes.get("/webhooks.json", (call) => call.json([...messages(world)].reverse()));
  routes.get("/webhooks/:id", (call) => {
    const id = call.req.param("id").replace(/\.json$/, "");
    const message = world.state.messages.get(id);
    if (!message) throw notFound("message", id);
    return call.json({ ...messageJson(world, message), body: message.body });
  });

  routes.post("/users", async (call) => {
    const given = parseInput(newUserShape, await call.req.json());
    const { emailAddress, password = seed.password, ...rest } = given;
    if (world.state.usersByEmail.first(emailAddress.toLowerCase())) {
      throw identifierTaken("emailAddress", "email address");
    }
    const passwordHash = await hashPassword(password);
    const person = { ...rest, passwordHash, emailAddresses: [emailAddress] };
    const user = createUser(world, { ...person, verifiedBy: "admin" });
    return call.json(userForServer(world, user));
  });

  routes.post("/reset", async (call) => {
    world.webhooks.dropAppointments();
    world.faults.set([]);
    world.webhooks.turn({});
    world.state.clear();
    applySettings(world, {});
    plantRoles(world.state);
    world.webhooks.endpoints.plant();
    await sow(world, seed);
    return call.json({ ok: true });
  });

  routes.post("/clock/advance", async (call) => {
    const { ms } = parseInput(advanceShape, await call.req.json());
    if (!(world.clock instanceof MovableClock)) throw notImplemented("advancing this clock");
    world.clock.advance(ms);
    return call.json({ now: world.clock.now() });
  });

  routes.route("/", leverRoutes(world, seed));
  routes.all("*", (call) => {
    throw notImplemented(`${call.req.method} ${call.req.path} of the control API`);
  });
  routes.onError((error, call) => {
    const failure = toRefusal(world, error, `${call.req.method} ${call.req.path}`);
    return call.json(envelope(failure), failure.status);
  });
  return routes;
}

/** How it goes at the app's own endpoint, else at the first that gets it. */
function messageJson(world: World, message: MessageRecord): Message {
  const { id, type, createdAt } = message;
  const deliveries = world.state.dispatchesByMessage.all(id).map((each) => {
    const { endpointId, status, nextAt, attempts } = each;
    return { endpointId, status, nextAt, attempts };
  });
  const main = deliveries.find((each) => each.endpointId === appEndpointId) ?? deliveries[0];
  const { status, nextAt, attempts } = main ?? { status: "dropped", nextAt: null, attempts: [] };
  return { id, type, createdAt, status, nextAt, attempts, deliveries };
}

function messages(world: World): Message[] {
  return [...world.state.messages.all()].map((message) => messageJson(world, message));
}

function overview(world: World, seed: Seed): Overview {
  const { state } = world;
  const all = messages(world);
  return {
    appUrl: world.appOrigin,
    webhookUrl: world.webhooks.url,
    isPaused: world.webhooks.isPaused,
    password: seed.password,
    mails: [...state.mails.all()].slice(-shown).reverse(),
    people: [...state.users.all()].slice(-shown).map((user) => person(user, seed)),
    peopleCount: state.users.size,
    organizations: [...state.organizations.all()].slice(-shown).map((each) => ({
      id: each.id,
      name: each.name,
      slug: each.slug,
      members: membersOf(world, each.id),
    })),
    organizationsCount: state.organizations.size,
    messages: all.slice(-shown).reverse(),
    messagesCount: all.length,
  };
}

function person(user: UserRecord, seed: Seed): Person {
  const email = primaryEmail(user)?.address ?? "";
  const seeded = seed.people.find((each) => each.email === email);
  return {
    id: user.id,
    name: displayName(user),
    email,
    note: seeded?.note ?? "",
    isSeeded: seeded !== undefined,
    createdAt: user.createdAt,
  };
}

function membersOf(world: World, organizationId: string): OrganizationSummary["members"] {
  return world.state.membershipsByOrganization.all(organizationId).flatMap((membership) => {
    const user = world.state.users.get(membership.userId);
    const role = roleName(world, membership.role);
    return user ? [{ userId: user.id, name: displayName(user), role }] : [];
  });
}
