// The control API: webhook disturbances, API faults, rate limits, simulated payments, settings.

import { Webhook } from "svix";
import { expect } from "vitest";
import { overviewShape } from "../control/shapes";
import { paymentEvents } from "../simulation/billing";
import { startReceiver } from "../testing/receiver";
import { kofi, northwind } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

const dayMs = 86_400_000;

test.beforeEach(({ site }) => site.skipSeededWebhooks());

const create = (control: Site["control"], name: string) =>
  control.users.create({ emailAddress: `${name}@example.com` });
const untilReceived = (site: Site, count: number) =>
  waitUntil(() => site.receiver.received.length === count);
const addresses = (site: Site) =>
  site.receiver.received.map(
    ({ body }) => JSON.parse(body).data.email_addresses?.[0].email_address,
  );

test("webhooks can be paused and sent in reverse order, sent twice with one id, and dropped and then replayed", async ({
  site,
  control,
  clock,
}) => {
  await control.webhooks.pause();
  for (const name of ["a", "b", "c"]) await create(control, name);
  await control.webhooks.resume("reversed");
  await untilReceived(site, 3);
  expect(new Set(addresses(site))).toEqual(
    new Set(["a@example.com", "b@example.com", "c@example.com"]),
  );
  expect(addresses(site)[0]).toBe("c@example.com");
  await control.webhooks.duplicate();
  await create(control, "twice");
  await untilReceived(site, 5);
  const [first, second] = site.receiver.received.slice(3).map(({ headers }) => headers["svix-id"]);
  expect(first).toBe(second);
  await control.webhooks.drop();
  await create(control, "lost");
  expect((await control.webhooks.messages())[0]?.status).toBe("dropped");
  await control.webhooks.resetDisturbances();
  const later = { since: clock.now() + 1 };
  expect(await control.webhooks.replayMissing(later)).toEqual({ count: 0 });
  expect(await control.webhooks.replayMissing()).toEqual({ count: 1 });
  await untilReceived(site, 6);
});

test("a delayed webhook is sent after its delay", async ({ site, control }) => {
  await control.webhooks.delay(60_000);
  await create(control, "late");
  expect(site.receiver.received).toHaveLength(0);
  await control.clock.advance(60_000);
  await untilReceived(site, 1);
});

test("after a rotation, webhooks are signed with both secrets until the old secret expires", async ({
  site,
  clerk,
  control,
  clock,
}) => {
  const { secret } = await control.endpoints.rotate({ keepOldMs: 60_000 });
  await create(control, "both");
  await untilReceived(site, 1);
  const [both] = site.receiver.received;
  for (const each of [secret, clerk.keys.webhookSigningSecret]) {
    expect(new Webhook(each).verify(both?.body ?? "", both?.headers ?? {})).toBeTruthy();
  }
  await control.clock.advance(60_001);
  expect((await control.endpoints.all())[0]?.oldSecret?.until).toBeLessThan(clock.now());
  await create(control, "new");
  await untilReceived(site, 2);
  expect(site.receiver.received[1]?.headers["svix-signature"]?.split(" ")).toHaveLength(1);
});

test("a second endpoint receives only the event types it subscribes to, and messages it has missed can be replayed to it", async ({
  site,
  control,
}) => {
  const other = await startReceiver();
  const { id } = await control.endpoints.add(other.url, ["organization.*"]);
  await create(control, "unrelated");
  await untilReceived(site, 1);
  expect(other.received).toHaveLength(0);
  expect(await control.webhooks.replayMissing({ endpointId: id })).toEqual({ count: 2 });
  await waitUntil(() => other.received.length === 2);
  await control.endpoints.remove(id);
  await other.close();
});

test("an endpoint that fails for five days is disabled; after it is enabled, its failed messages can be replayed", async ({
  site,
  control,
  clock,
}) => {
  site.receiver.answer = () => 500;
  await create(control, "one");
  await untilReceived(site, 1);
  await control.clock.advance(5 * dayMs);
  await waitUntil(() => site.receiver.received.length > 1);
  await waitUntil(async () => (await control.endpoints.all())[0]?.isEnabled === false || undefined);
  site.receiver.answer = () => 200;
  await control.endpoints.update("ep_app", { isEnabled: true });
  const later = { since: clock.now() + 1 };
  expect(await control.webhooks.replayFailed(later)).toEqual({ count: 0 });
  await waitUntil(async () => (await control.webhooks.replayFailed()).count === 1 || undefined);
});

test("an injected fault makes the Backend API return 429 with Retry-After, 500 or 503", async ({
  control,
  backend,
}) => {
  await control.faults.set({ api: "bapi", path: "/users", outcome: "429", times: 1 });
  await expect(backend.users.getCount()).rejects.toMatchObject({ status: 429, retryAfter: 1 });
  expect(await backend.users.getCount()).toBe(7);
  for (const outcome of ["500", "503"] as const) {
    await control.faults.set({ api: "bapi", outcome });
    const status = Number(outcome);
    await expect(backend.users.getCount()).rejects.toMatchObject({ status });
  }
  await control.faults.clear();
  expect(await backend.users.getCount()).toBe(7);
});

test("an injected fault of the Frontend API delays responses or returns 429 or 500, and does not affect the Backend API", async ({
  site,
  control,
  backend,
}) => {
  const browser = site.newBrowser();
  const startedAt = Date.now();
  await control.faults.set({ api: "fapi", path: "/client", latencyMs: 150 });
  expect((await browser.get("/client")).status).toBe(200);
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(150);
  for (const [outcome, code] of [
    ["429", "too_many_requests"],
    ["500", "internal_clerk_error"],
  ] as const) {
    await control.faults.set({ api: "fapi", outcome });
    const refused = await browser.get("/client");
    expect([String(refused.status), refused.code]).toEqual([outcome, code]);
    expect(await backend.users.getCount()).toBe(7);
  }
});

test("above the rate limit, either API returns 429 with Retry-After until the window ends", async ({
  site,
  control,
  backend,
}) => {
  await control.settings.set({ backendLimit: { calls: 2, perMs: 10_000 } });
  await control.clock.advance(10_000);
  await backend.users.getCount();
  await backend.users.getCount();
  await expect(backend.users.getCount()).rejects.toMatchObject({
    status: 429,
    retryAfter: 10,
    errors: [{ code: "too_many_requests" }],
  });
  await control.clock.advance(10_000);
  expect(await backend.users.getCount()).toBe(7);
  await control.settings.set({ frontendLimit: { calls: 1, perMs: 5_000 } });
  const browser = site.newBrowser();
  const responses = [await browser.fetch("GET", "/client"), await browser.fetch("GET", "/client")];
  expect(responses.map(({ status }) => status)).toEqual([200, 429]);
  expect(responses[1]?.headers.get("retry-after")).toBe("5");
});

test("a call held by a timeout fault gets its response when the faults are cleared", async ({
  control,
  backend,
}) => {
  await control.faults.set({ api: "bapi", outcome: "timeout", times: 1 });
  let isAnswered = false;
  const held = backend.users.getCount().then(() => (isAnswered = true));
  expect(await backend.users.getCount()).toBe(7);
  expect(isAnswered).toBe(false);
  await control.faults.clear();
  await held;
});

const billingEvents: Record<string, string[]> = {
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

test("a simulated payment emits its billing events in order", async ({ control }) => {
  const userId = kofi.id;
  expect(paymentEvents.map(({ name }) => name).sort()).toEqual(Object.keys(billingEvents).sort());
  for (const { name: event } of paymentEvents) {
    const before = (await control.webhooks.messages()).length;
    await control.payments.simulate({ userId, event });
    const messages = await control.webhooks.messages();
    const types = messages.slice(0, messages.length - before).map(({ type }) => type);
    expect(types.reverse()).toEqual(billingEvents[event]);
  }
});

test("deleting an organization emits an event for each membership before organization.deleted", async ({
  control,
  backend,
}) => {
  await backend.organizations.deleteOrganization(northwind.id);
  const sent = (await control.webhooks.messages()).slice(0, 4).map(({ type }) => type);
  const ended = "organizationMembership.deleted";
  expect(sent.reverse()).toEqual([ended, ended, ended, "organization.deleted"]);
});

test("settings survive a restart, and a reset restores the defaults", async ({
  site,
  control,
  backend,
}) => {
  await control.settings.set({ sendsImpliedEvents: false });
  const organization = northwind.id;
  await backend.organizations.deleteOrganization(organization);
  await untilReceived(site, 1);
  await site.restart();
  expect((await site.control.settings.get()).sendsImpliedEvents).toBe(false);
  await site.control.reset();
  expect((await site.control.settings.get()).sendsImpliedEvents).toBe(true);
});

test("the control API can end a session as expired, and its overview contains the session's user", async ({
  control,
  backend,
}) => {
  const userId = kofi.id;
  const session = await backend.sessions.createSession({ userId });
  const [listed] = (await control.overview()).sessions;
  expect(listed).toMatchObject({ id: session.id, name: "Kofi Mensah", browser: "no browser" });
  await control.sessions.expire(session.id);
  expect((await backend.sessions.getSession(session.id)).status).toBe("expired");
});

test("the overview's search finds users by name, email address and id, and keeps the counts of all records", async ({
  clerk,
  control,
}) => {
  await create(control, "zoe.quist");
  const search = async (text: string) => {
    const response = await fetch(`${clerk.url}/__clerk/dev/overview.json?people=${text}`);
    return overviewShape.parse(await response.json());
  };
  const { users, usersCount } = await search("QUIST");
  expect(users.map(({ email }) => email)).toEqual(["zoe.quist@example.com"]);
  expect(usersCount).toBe((await control.overview()).usersCount);
  expect((await search(users[0]?.id ?? "")).users).toEqual(users);
  expect((await search("Kofi%20Men")).users.map(({ id }) => id)).toEqual([kofi.id]);
  expect((await search("no-such-person")).users).toEqual([]);
});

test("the preset five-day-disable shows the app's endpoint as disabled in the overview, until it is cleared", async ({
  control,
}) => {
  await control.presets.apply("five-day-disable");
  expect((await control.overview()).isEndpointEnabled).toBe(false);
  await control.presets.clear();
  expect((await control.overview()).isEndpointEnabled).toBe(true);
});

test("the coverage page and its two Markdown files are served", async ({ clerk }) => {
  const text = async (path: string) => (await fetch(`${clerk.url}/__clerk/dev${path}`)).text();
  expect(await text("/coverage")).toContain("/page/coverage.js");
  expect(await text("/COVERAGE.md")).toContain("## Frontend API: ");
  expect(await text("/README.md")).toContain("## How it differs from Clerk");
});
