/**
 * The contract of the transports of announced changes: what every process may rely on, whether changes arrive by NOTIFY or through
 * Redis. Two listeners stand for two processes.
 */
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { mirrorUser } from "@/dev/testing/mirror";
import { noRedis, type RedisServer, startRedis } from "@/dev/testing/redis";
import { database } from "../db";
import { Listener } from "./listener";
import type { LiveMessage } from "./message";

const connection = { connectionString: process.env.DATABASE_URL, application_name: "fan-out test" };
const sql = (text: string, ...values: unknown[]) => database().pool.query(text, values);
const soon = { timeout: 10_000, interval: 10 };
const wait = (isTrue: () => boolean) => vi.waitFor(() => expect(isTrue()).toBe(true), soon);

type Process = { listener: Listener; received: LiveMessage[] };

function startProcess(redisUrl?: string): Process {
  const listener = new Listener(connection, redisUrl);
  const received: LiveMessage[] = [];
  listener.subscribe((message) => received.push(message));
  return { listener, received };
}

const has = ({ received }: Process, id: string) =>
  received.some((message) => "ids" in message && message.ids.includes(id));

const insertUser = (id: string) => sql("INSERT INTO users (id, version) VALUES ($1, 1)", id);

if (noRedis) process.stderr.write(`skipped: ${noRedis}\n`);

describe.each([
  { transport: "NOTIFY", isSkipped: false },
  { transport: "Redis", isSkipped: noRedis !== null },
])("changes by $transport", ({ transport, isSkipped }) => {
  const isRedis = transport === "Redis";
  let redis: RedisServer | undefined;
  let processes: Process[] = [];

  beforeAll(async () => {
    if (isSkipped) return;
    redis = isRedis ? await startRedis() : undefined;
    processes = [startProcess(redis?.url), startProcess(redis?.url)];
    await wait(() => processes.every(({ listener }) => listener.isListening));
    if (isRedis) await wait(() => processes.some(({ listener }) => listener.isRelay));
    // The last message on the way by NOTIFY has arrived when a heartbeat has returned through Redis.
    await wait(() => processes.every(({ listener }) => listener.isListening));
  });

  afterAll(async () => {
    for (const { listener } of processes) listener.stop();
    await redis?.stop();
  });

  beforeEach(() => {
    for (const { received } of processes) received.length = 0;
  });

  /** Resolves when every process has received what was committed before. */
  async function caughtUp() {
    const marker = clerkId("user");
    await insertUser(marker);
    await wait(() => processes.every((each) => has(each, marker)));
  }

  test.skipIf(isSkipped)("a committed change reaches every process, with its ids", async () => {
    const id = clerkId("user");
    await mirrorUser(id);
    await caughtUp();
    for (const { received } of processes) {
      expect(received).toContainEqual({ table: "users", ids: [id] });
      expect(received).not.toContainEqual({ gap: true });
    }
  });

  test.skipIf(isSkipped)("a change that is rolled back reaches none", async () => {
    const id = clerkId("user");
    const client = await database().pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO users (id) VALUES ($1)", [id]);
    await client.query("ROLLBACK");
    client.release();
    await caughtUp();
    for (const each of processes) expect(has(each, id)).toBe(false);
  });

  test.skipIf(isSkipped)("changes arrive in the order of their commits", async () => {
    const ids = Array.from({ length: 50 }, () => clerkId("user"));
    for (const id of ids) await insertUser(id);
    await caughtUp();
    for (const { received } of processes) {
      const arrived = received.flatMap((message) => ("ids" in message ? message.ids : []));
      expect(arrived.filter((id) => ids.includes(id))).toEqual(ids);
    }
  });

  test.skipIf(isSkipped)("a change of more than 50 rows arrives as a flush", async () => {
    await sql(
      "INSERT INTO users (id) SELECT 'user_' || gen_random_uuid() FROM generate_series(1, 51)",
    );
    await caughtUp();
    for (const { received } of processes)
      expect(received).toContainEqual({ table: "users", flush: true });
  });

  test.skipIf(isSkipped)("200 changes of 20 parallel writers arrive in every process", async () => {
    const ids = Array.from({ length: 200 }, () => clerkId("user"));
    const left = [...ids];
    const write = async () => {
      for (let id = left.pop(); id; id = left.pop()) await insertUser(id);
    };
    await Promise.all(Array.from({ length: 20 }, write));
    await caughtUp();
    for (const each of processes) expect(ids.filter((id) => !has(each, id))).toEqual([]);
  });

  test.skipIf(isSkipped)(
    "a killed LISTEN connection is a gap, and proves nothing until it is replaced",
    async () => {
      await sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'fan-out test'",
      );
      await wait(() => processes.every(({ received }) => received.some((each) => "gap" in each)));
      await wait(() => processes.every(({ listener }) => listener.isListening));
      await caughtUp();
    },
  );

  test.skipIf(isSkipped || !isRedis)(
    "while a relay carries the changes, none passes through NOTIFY",
    async () => {
      const client = new pg.Client(connection);
      const notified: string[] = [];
      client.on("notification", ({ channel }) => notified.push(channel));
      await client.connect();
      await client.query("LISTEN rollcall");
      await caughtUp();
      expect(processes.filter(({ listener }) => listener.isRelay).length).toBe(1);
      await client.query("SELECT 1");
      expect(notified).toEqual([]);
      await client.end();
    },
  );

  test.skipIf(isSkipped || !isRedis)(
    "while Redis is down and when it is back, each change arrives or is followed by a gap",
    async () => {
      const ids: string[] = [];
      let isWriting = true;
      const writing = (async () => {
        while (isWriting) {
          const id = clerkId("user");
          await insertUser(id);
          ids.push(id);
          await new Promise((resolve) => setTimeout(resolve, 10));
        }
      })();
      await redis?.stop();
      await wait(() => processes.every(({ listener }) => !listener.isRelay));
      const meanwhile = clerkId("user");
      await insertUser(meanwhile);
      await wait(() => processes.every((each) => has(each, meanwhile)));
      await wait(() => processes.every(({ listener }) => listener.isListening));
      await redis?.start();
      await wait(() => processes.some(({ listener }) => listener.isRelay));
      await wait(() => processes.every(({ listener }) => listener.isListening));
      isWriting = false;
      await writing;
      await caughtUp();
      for (const each of processes) {
        const lastGap = each.received.findLastIndex((message) => "gap" in message);
        expect(lastGap).toBeGreaterThan(-1);
        const lost = ids.filter((id) => !has(each, id));
        // What was lost was committed before the last gap: the first change after the gap is later than it.
        const next = each.received
          .slice(lastGap)
          .flatMap((message) => ("ids" in message ? message.ids : []));
        const firstAfter = ids.findIndex((id) => next.includes(id));
        for (const id of lost) expect(ids.indexOf(id)).toBeLessThan(firstAfter);
      }
    },
  );

  test.skipIf(isSkipped || !isRedis)(
    "what a relay left in the outbox when it died is delivered when its lease has ended",
    async () => {
      const id = clerkId("user");
      for (const { listener } of processes) listener.stop();
      await vi.waitFor(async () => {
        const { rows } = await sql(
          "SELECT held_until < clock_timestamp() AS ended FROM live_relay",
        );
        expect(rows).toEqual([{ ended: true }]);
      }, soon);
      await sql(
        "UPDATE live_relay SET holder = 'a relay that died', held_until = clock_timestamp() + interval '1 s'",
      );
      await insertUser(id);
      expect((await sql("SELECT channel FROM live_outbox")).rows).toEqual([
        { channel: "rollcall" },
      ]);
      // A process without REDIS_URL trusts nothing while a relay has the lease.
      const withoutRedis = startProcess();
      await wait(() => withoutRedis.received.length > 0);
      expect(withoutRedis.listener.isListening).toBe(false);
      await wait(() => has(withoutRedis, id));
      await wait(() => withoutRedis.listener.isListening);
      withoutRedis.listener.stop();
    },
  );
});
