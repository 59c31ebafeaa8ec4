import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { database } from "../../db";
import type { LiveMessage } from "../../live/message";
import { findHealth } from "../../sync/monitoring/health";
import { SyncStateWatch } from "./sync-state-watch";

const { prisma } = database();

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function beat(): Promise<void> {
  await prisma.syncFact.upsert({
    where: { name: "worker" },
    create: { name: "worker", value: {} },
    update: { updatedAt: new Date() },
  });
}

test("SyncStateWatch publishes once to every subscriber that the worker has stopped, which changes no row", async () => {
  await beat();
  let now = new Date();
  const watch = new SyncStateWatch(() => findHealth(now));
  const seen: LiveMessage[] = [];
  const stops = [1, 2].map(() => watch.subscribe((message) => seen.push(message)));
  await watch.check();
  await watch.check();
  expect(seen).toEqual([]);
  now = new Date(now.getTime() + 60_000);
  await watch.check();
  await watch.check();
  expect(seen).toEqual(Array(2).fill({ table: "sync_state", flush: true }));
  for (const stop of stops) stop();
});

test("SyncStateWatch publishes nothing after a new heartbeat or a failed read of the state", async () => {
  let isAway = false;
  const watch = new SyncStateWatch(async () => {
    if (isAway) throw new Error("the database does not answer");
    return findHealth();
  });
  await beat();
  const seen: LiveMessage[] = [];
  const stop = watch.subscribe((message) => seen.push(message));
  await watch.check();
  await beat();
  await watch.check();
  isAway = true;
  await watch.check();
  isAway = false;
  await watch.check();
  expect(seen).toEqual([]);
  stop();
});

test("SyncStateWatch reads the state every 10 s for all subscribers together, and not at all without a subscriber", async () => {
  let reads = 0;
  const watch = new SyncStateWatch(() => {
    reads += 1;
    return findHealth();
  });
  const stops = [1, 2, 3].map(() => watch.subscribe(() => undefined));
  vi.advanceTimersByTime(30_000);
  expect(reads).toBe(4);
  for (const stop of stops) stop();
  vi.advanceTimersByTime(60_000);
  expect(reads).toBe(4);
});
