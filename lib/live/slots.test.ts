/** Tests limits that are counted across instances, with a real Redis. Two counters with a client each stand for two instances. */
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { noRedis, type RedisServer, startRedis } from "@/dev/testing/redis";
import { openRedis, type Redis } from "./redis";
import { Slots } from "./slots";

const soon = { timeout: 5_000, interval: 10 };

test("without Redis, a process counts its own slots, and a slot that is freed twice is free once", async () => {
  const slots = new Slots("streams", 2, null);
  const [first, second, third] = await Promise.all([1, 2, 3].map(() => slots.take("user_1")));
  expect([typeof first, typeof second, third]).toEqual(["function", "function", null]);
  first?.();
  first?.();
  expect(await slots.take("user_1")).not.toBeNull();
  expect(await slots.take("user_1")).toBeNull();
  expect(await slots.take("user_2")).not.toBeNull();
});

describe.skipIf(noRedis !== null)("across instances", () => {
  let server: RedisServer;
  let clients: Redis[] = [];

  beforeAll(async () => {
    server = await startRedis();
    clients = [1, 2].map(() => openRedis(server.url, "test"));
    await Promise.all(clients.map((client) => client.connect()));
  });

  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server.stop();
  });

  const instances = (name: string, most: number, lastsMs?: number) =>
    clients.map((client) => new Slots(name, most, client, lastsMs));

  test("of 20 parallel requests on two instances, exactly as many get a slot as the limit allows", async () => {
    const counters = instances("parallel", 5);
    const taken = await Promise.all(
      Array.from({ length: 20 }, (_, at) => counters[at % 2]?.take("user_1")),
    );
    expect(taken.filter(Boolean).length).toBe(5);
    taken.find(Boolean)?.();
    await vi.waitFor(async () => expect(await counters[1]?.take("user_1")).toBeTruthy(), soon);
    expect(await counters[0]?.take("user_1")).toBeNull();
    expect(await counters[0]?.take("user_2")).toBeTruthy();
  });

  test("the slot of an instance that died is free again after its lease, and that of a living one is not", async () => {
    const [dead, living, next] = [...instances("leases", 2, 400), ...instances("leases", 2, 400)];
    await dead?.take("user_1");
    dead?.stop();
    await living?.take("user_1");
    expect(await next?.take("user_1")).toBeNull();
    await vi.waitFor(async () => expect(await next?.take("user_1")).toBeTruthy(), soon);
    expect(await next?.take("user_1")).toBeNull();
  });

  test("while Redis is down, each instance counts its own, and no request waits for Redis", async () => {
    const [one, two] = instances("outage", 1);
    await server.stop();
    await vi.waitFor(() => expect(clients.every(({ isReady }) => !isReady)).toBe(true), soon);
    const startedAt = performance.now();
    expect(await one?.take("user_1")).toBeTruthy();
    expect(await one?.take("user_1")).toBeNull();
    expect(await two?.take("user_1")).toBeTruthy();
    expect(performance.now() - startedAt).toBeLessThan(500);
  });
});
