import { Webhook } from "svix";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import { controlClient } from "../control/client";
import { derivedId } from "../ids";
import { paymentEvents } from "../simulation/billing";
import type { LocalClerk } from "../start";
import {
  Browser,
  backendOf,
  eventually,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "../testing/site";

const dayMs = 86_400_000;
const seeded = 15;
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clerk: LocalClerk;
let clock: MovableClock;
let control: ReturnType<typeof controlClient>;

beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  clock = new MovableClock();
  clerk = (await startClerkFor(receiver, folder.path, clock)).clerk;
  control = controlClient(clerk.url);
  await eventually(() => receiver.received.length === seeded);
  receiver.received.length = 0;
});
afterEach(async () => {
  await clerk.close();
  await receiver.close();
  folder.remove();
});

const create = (name: string) => control.users.create({ emailAddress: `${name}@example.com` });
const arrived = (count: number) => eventually(() => receiver.received.length === count);
const addresses = () =>
  receiver.received.map(({ body }) => JSON.parse(body).data.email_addresses?.[0].email_address);
const backend = () => {
  return backendOf(clerk);
};

test("webhooks are held and let go in reverse; duplicated under one id; dropped and found missing", async () => {
  await control.webhooks.pause();
  for (const name of ["a", "b", "c"]) await create(name);
  await control.webhooks.resume("reversed");
  await arrived(3);
  expect(new Set(addresses())).toEqual(
    new Set(["a@example.com", "b@example.com", "c@example.com"]),
  );
  expect(addresses()[0]).toBe("c@example.com");
  await control.webhooks.duplicate();
  await create("twice");
  await arrived(5);
  const [first, second] = receiver.received.slice(3).map(({ headers }) => headers["svix-id"]);
  expect(first).toBe(second);
  await control.webhooks.drop();
  await create("lost");
  expect((await control.webhooks.messages())[0]?.status).toBe("dropped");
  await control.webhooks.resetDisturbances();
  const later = { since: clock.now() + 1 };
  expect(await control.webhooks.replayMissing(later)).toEqual({ count: 0 });
  expect(await control.webhooks.replayMissing()).toEqual({ count: 1 });
  await arrived(6);
});

test("a delayed webhook comes when its time has come", async () => {
  await control.webhooks.delay(60_000);
  await create("late");
  expect(receiver.received).toHaveLength(0);
  await control.clock.advance(60_000);
  await arrived(1);
});

test("while a secret is rotated both sign, then only the new one", async () => {
  const { secret } = await control.endpoints.rotate({ keepOldMs: 60_000 });
  await create("both");
  await arrived(1);
  const [both] = receiver.received;
  for (const each of [secret, clerk.keys.webhookSigningSecret]) {
    expect(new Webhook(each).verify(both?.body ?? "", both?.headers ?? {})).toBeTruthy();
  }
  await control.clock.advance(60_001);
  expect((await control.endpoints.all())[0]?.oldSecret?.until).toBeLessThan(clock.now());
  await create("new");
  await arrived(2);
  expect(receiver.received[1]?.headers["svix-signature"]?.split(" ")).toHaveLength(1);
});

test("a second endpoint gets only what it wants; what it missed is replayed", async () => {
  const other = await startReceiver();
  const { id } = await control.endpoints.add(other.url, ["organization.*"]);
  await create("nobody");
  await arrived(1);
  expect(other.received).toHaveLength(0);
  expect(await control.webhooks.replayMissing({ endpointId: id })).toEqual({ count: 2 });
  await eventually(() => other.received.length === 2);
  await control.endpoints.remove(id);
  await other.close();
});

test("an endpoint that fails for five days is disabled, revived, and gets what failed", async () => {
  receiver.answer = () => 500;
  await create("one");
  await arrived(1);
  await control.clock.advance(5 * dayMs);
  await eventually(() => receiver.received.length > 1);
  await eventually(
    async () => (await control.endpoints.all())[0]?.isEnabled === false || undefined,
  );
  receiver.answer = () => 200;
  await control.endpoints.update("ep_app", { isEnabled: true });
  const later = { since: clock.now() + 1 };
  expect(await control.webhooks.replayFailed(later)).toEqual({ count: 0 });
  await eventually(async () => (await control.webhooks.replayFailed()).count === 1 || undefined);
});

test("trouble on demand for the Backend API: 429 with Retry-After, 500, 503", async () => {
  await control.faults.set({ api: "bapi", path: "/users", outcome: "429", times: 1 });
  await expect(backend().users.getCount()).rejects.toMatchObject({ status: 429, retryAfter: 1 });
  expect(await backend().users.getCount()).toBe(7);
  for (const outcome of ["500", "503"] as const) {
    await control.faults.set({ api: "bapi", outcome });
    const status = Number(outcome);
    await expect(backend().users.getCount()).rejects.toMatchObject({ status });
  }
  await control.faults.clear();
  expect(await backend().users.getCount()).toBe(7);
});

test("trouble on demand for the Frontend API, and for it alone: late, 429, 500", async () => {
  const browser = new Browser(clerk, receiver.url);
  const begun = Date.now();
  await control.faults.set({ api: "fapi", path: "/client", latencyMs: 150 });
  expect((await browser.answer("GET", "/client")).status).toBe(200);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(150);
  for (const [outcome, code] of [
    ["429", "too_many_requests"],
    ["500", "internal_clerk_error"],
  ] as const) {
    await control.faults.set({ api: "fapi", outcome });
    const refused = await browser.answer("GET", "/client");
    expect([String(refused.status), refused.code]).toEqual([outcome, code]);
    expect(await backend().users.getCount()).toBe(7);
  }
});

test("either API takes so many calls in so long a time, and says how long to wait", async () => {
  await control.settings.set({ backendLimit: { calls: 2, perMs: 10_000 } });
  await control.clock.advance(10_000);
  await backend().users.getCount();
  await backend().users.getCount();
  await expect(backend().users.getCount()).rejects.toMatchObject({
    status: 429,
    retryAfter: 10,
    errors: [{ code: "too_many_requests" }],
  });
  await control.clock.advance(10_000);
  expect(await backend().users.getCount()).toBe(7);
  await control.settings.set({ frontendLimit: { calls: 1, perMs: 5_000 } });
  const browser = new Browser(clerk, receiver.url);
  const asked = [await browser.request("GET", "/client"), await browser.request("GET", "/client")];
  expect(asked.map(({ status }) => status)).toEqual([200, 429]);
  expect(asked[1]?.headers.get("retry-after")).toBe("5");
});

test("a call that is held answers nobody until the fault is cleared", async () => {
  await control.faults.set({ api: "bapi", outcome: "timeout", times: 1 });
  let isAnswered = false;
  const held = backend()
    .users.getCount()
    .then(() => (isAnswered = true));
  expect(await backend().users.getCount()).toBe(7);
  expect(isAnswered).toBe(false);
  await control.faults.clear();
  await held;
});

const courseOf: Record<string, string[]> = {
  paid: [
    "subscription.created",
    "paymentAttempt.created",
    "paymentAttempt.updated",
    "subscriptionItem.active",
    "subscription.active",
  ],
  failed: [
    "subscription.created",
    "paymentAttempt.created",
    "paymentAttempt.updated",
    "subscriptionItem.incomplete",
    "subscription.updated",
  ],
  abandoned: ["subscriptionItem.abandoned", "subscription.updated"],
  freeTrialEnding: ["subscriptionItem.freeTrialEnding"],
  renewed: [
    "paymentAttempt.created",
    "paymentAttempt.updated",
    "subscriptionItem.updated",
    "subscription.updated",
  ],
  pastDue: [
    "paymentAttempt.created",
    "paymentAttempt.updated",
    "subscriptionItem.pastDue",
    "subscription.pastDue",
  ],
  upcoming: ["subscriptionItem.upcoming", "subscription.updated"],
  canceled: ["subscriptionItem.canceled", "subscription.updated"],
  ended: ["subscriptionItem.ended", "subscription.updated"],
};

test("what is said to have happened to a subscription sends its events, in their order", async () => {
  const userId = derivedId("user", "kofi.mensah@example.com");
  expect(paymentEvents.map(({ name }) => name).sort()).toEqual(Object.keys(courseOf).sort());
  for (const { name: event } of paymentEvents) {
    const before = (await control.webhooks.messages()).length;
    await control.payments.simulate({ userId, event });
    const messages = await control.webhooks.messages();
    const types = messages.slice(0, messages.length - before).map(({ type }) => type);
    expect(types.reverse()).toEqual(courseOf[event]);
  }
});

test("deleting an organization ends its memberships first, each with an event of its own", async () => {
  await backend().organizations.deleteOrganization(derivedId("org", "northwind-press"));
  const sent = (await control.webhooks.messages()).slice(0, 4).map(({ type }) => type);
  const ended = "organizationMembership.deleted";
  expect(sent.reverse()).toEqual([ended, ended, ended, "organization.deleted"]);
});

test("settings survive a restart and go back with a reset; implied events can be switched off", async () => {
  await control.settings.set({ sendsImpliedEvents: false });
  const organization = derivedId("org", "northwind-press");
  await backend().organizations.deleteOrganization(organization);
  await arrived(1);
  await clerk.close();
  clerk = (await startClerkFor(receiver, folder.path, clock)).clerk;
  control = controlClient(clerk.url);
  expect((await control.settings.get()).sendsImpliedEvents).toBe(false);
  await control.reset();
  expect((await control.settings.get()).sendsImpliedEvents).toBe(true);
});

test("a session ends on demand", async () => {
  const userId = derivedId("user", "kofi.mensah@example.com");
  const session = await backend().sessions.createSession({ userId });
  const [seen] = (await control.overview()).sessions;
  expect(seen).toMatchObject({ id: session.id, name: "Kofi Mensah", browser: "no browser" });
  await control.sessions.expire(session.id);
  expect((await backend().sessions.getSession(session.id)).status).toBe("expired");
});
