// Presets of faults and disturbances, and `waitFor`, which waits for a mail.

import { expect } from "vitest";
import { presetNames } from "../simulation/presets";
import { amara } from "../testing/seeded";
import { test } from "../testing/test";
import { waitUntil } from "../testing/wait-until";

test("every preset describes what a robust app does, and applying a preset replaces the previous preset", async ({
  control,
}) => {
  const all = await control.presets.all();
  expect(all.map(({ name }) => name)).toEqual([...presetNames]);
  for (const { expected } of all) expect(expected.length).toBeGreaterThan(30);
  for (const name of presetNames) await control.presets.apply(name);
  expect(await control.faults.all()).toMatchObject([{ api: "fapi", latencyMs: 3_000 }]);
  await control.presets.clear();
  expect(await control.faults.all()).toEqual([]);
  expect((await control.overview()).disturbances).toMatchObject({ duplicate: 0, drop: 0 });
});

test("the presets clerk-down and rate-limited make API calls fail, and the preset slow-frontend only delays API calls", async ({
  site,
  control,
  browser,
}) => {
  const server = async () => (await site.callBackend("GET", "/users/count")).status;
  await control.presets.apply("clerk-down");
  expect([await server(), (await browser.get("/environment")).status]).toEqual([503, 503]);
  await control.presets.apply("rate-limited");
  const statuses = new Set<number>();
  for (let calls = 0; calls < 20; calls += 1) statuses.add(await server());
  expect([...statuses].sort()).toEqual([200, 429]);
  await control.presets.apply("slow-frontend");
  const startedAt = performance.now();
  expect((await browser.get("/environment")).status).toBe(200);
  expect(performance.now() - startedAt).toBeGreaterThan(2_900);
  expect(await server()).toBe(200);
});

test("the preset svix-retry-storm sends each webhook twice with the same id", async ({
  site,
  control,
}) => {
  await site.skipSeededWebhooks();
  await control.presets.apply("svix-retry-storm");
  await control.users.create({ emailAddress: "twice@example.com" });
  await waitUntil(() => site.receiver.received.length === 2);
  const ids = site.receiver.received.map(({ headers }) => headers["svix-id"]);
  expect(ids[0]).toBe(ids[1]);
});

test("the preset five-day-disable sends no webhook until it is cleared; then a replay sends the missing webhooks", async ({
  site,
  control,
}) => {
  await site.skipSeededWebhooks();
  await control.presets.apply("five-day-disable");
  await control.users.create({ emailAddress: "missed@example.com" });
  const [endpoint] = await control.endpoints.all();
  expect(endpoint?.isEnabled).toBe(false);
  await control.presets.clear();
  expect(site.receiver.received).toEqual([]);
  expect((await control.webhooks.replayMissing()).count).toBeGreaterThanOrEqual(1);
  await waitUntil(() => site.receiver.received.some(({ body }) => body.includes("missed@")));
});

test("waitFor resolves to the next message to an address, and rejects when none is sent in time", async ({
  control,
  browser,
}) => {
  const start = () =>
    browser.post("/client/sign_ins", { identifier: amara.email, strategy: "email_code" });
  const waiting = control.outbox.waitFor(amara.email);
  await start();
  const first = await waiting;
  expect(first.code).toMatch(/^\d{6}$/);
  const next = control.outbox.waitFor(amara.email, { after: first });
  await start();
  expect((await next).id).not.toBe(first.id);
  const none = control.outbox.waitFor("nobody@example.com", { timeoutMs: 60 });
  await expect(none).rejects.toThrow("no new message to nobody@example.com within 60 ms");
});
