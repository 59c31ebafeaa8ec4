import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { clerkId, deletedJson, event } from "@/dev/testing/clerk-payloads";
import { startFaultProxy } from "@/dev/testing/fault-proxy";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorMembership, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../db";
import { Listener, listener } from "./listener";
import { Mailbox } from "./mailbox";
import { type LiveMessage, parseMessage } from "./message";

const received: LiveMessage[] = [];
const { pool } = database();

const about = (id: string) => received.filter((message) => JSON.stringify(message).includes(id));

beforeAll(async () => {
  listener().subscribe((message) => received.push(message));
  await listening();
});
beforeEach(() => {
  received.length = 0;
});
afterAll(() => listener().stop());

describe("a committed change is published", () => {
  test("a committed change is published once, with the ids of the rows it changed", async () => {
    const [user, organization, membership] = ["user", "org", "orgmem"].map(clerkId);
    await mirrorUser(user ?? "");
    await mirrorOrganization(organization ?? "");
    await mirrorMembership(membership ?? "", user ?? "", organization ?? "");
    await caughtUp();
    expect(about(membership ?? "")).toEqual([
      {
        table: "memberships",
        ids: [membership],
        users: [user],
        organizations: [organization],
      },
    ]);
    expect(received).toContainEqual({ table: "users", ids: [user] });
    expect(received).toContainEqual({ table: "organizations", ids: [organization] });
    expect(
      received.filter((message) => "table" in message && message.table === "deliveries"),
    ).toHaveLength(3);
  });

  test("the deletion of a membership is published with the user id and the organization id", async () => {
    const [user, organization, membership] = ["user", "org", "orgmem"].map(clerkId);
    await mirrorMembership(membership ?? "", user ?? "", organization ?? "");
    await caughtUp();
    received.length = 0;
    await deliver(event("organizationMembership.deleted", deletedJson(membership ?? "")));
    await caughtUp();
    expect(about(membership ?? "")).toContainEqual(
      expect.objectContaining({ users: [user], organizations: [organization] }),
    );
  });

  test("a change that is rolled back is not published", async () => {
    const id = clerkId("user");
    const client = await pool.connect();
    await client.query("BEGIN");
    await client.query("INSERT INTO users (id) VALUES ($1)", [id]);
    await client.query("ROLLBACK");
    client.release();
    await caughtUp();
    expect(about(id)).toEqual([]);
  });

  test.each([51, 5_000])(
    "a change of %i rows in one statement is published as a flush of the table, without ids",
    async (count) => {
      await pool.query(
        "INSERT INTO users (id) SELECT 'user_' || gen_random_uuid() FROM generate_series(1, $1)",
        [count],
      );
      await caughtUp();
      expect(received[0]).toEqual({ table: "users", flush: true });
    },
  );

  test("a change whose ids exceed the size of a notification is published as a flush of the table", async () => {
    await pool.query(
      "INSERT INTO users (id) SELECT repeat('x', 250) || gen_random_uuid() FROM generate_series(1, 40)",
    );
    await caughtUp();
    expect(received[0]).toEqual({ table: "users", flush: true });
  });
});

test("a killed LISTEN connection is replaced within 5 s, and the listener publishes a gap (changes may have been missed)", async () => {
  const inAnHour = Date.now() + 3_600_000;
  await caughtUp();
  expect(listener().hasNoChangesSince(inAnHour)).toBe(true);
  await pool.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'rollcall live' AND datname = current_database()",
  );
  await vi.waitFor(() => expect(listener().isListening).toBe(false), { interval: 5 });
  expect(listener().hasNoChangesSince(inAnHour)).toBe(false);
  await listening();
  expect(listener().hasNoChangesSince(Date.now())).toBe(false);
  expect(received).toContainEqual({ gap: true });
  const id = clerkId("user");
  await mirrorUser(id);
  await caughtUp();
  expect(about(id)).not.toEqual([]);
});

test("the listener logs an unavailable database once and the reconnection once, however often it retries", async () => {
  const proxy = await startFaultProxy(process.env.DATABASE_URL ?? "");
  const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const own = new Listener({ connectionString: proxy.url });
  const soon = { timeout: 10_000, interval: 5 };
  try {
    await vi.waitFor(() => expect(own.isListening).toBe(true), soon);
    proxy.set({ kind: "refuse" });
    await vi.waitFor(() => expect(proxy.refused).toBeGreaterThanOrEqual(3), soon);
    proxy.set({ kind: "none" });
    await vi.waitFor(() => expect(own.isListening).toBe(true), soon);
    const said = written.mock.calls.map(([line]) => JSON.parse(String(line)));
    expect(said).toMatchObject([
      { level: "warn", message: expect.stringContaining("not listening") },
      { level: "info", message: expect.stringContaining("again") },
    ]);
  } finally {
    written.mockRestore();
    own.stop();
    await proxy.close();
  }
});

test.each([undefined, "", "{", "null", "[]", '{"table":"users"}', '{"table":"unknown","ids":[]}'])(
  "parseMessage returns a gap (changes may have been missed) for the malformed notification %s",
  (payload) => {
    expect(parseMessage(payload)).toEqual({ gap: true });
  },
);

describe("a mailbox", () => {
  const mailboxFor = (id: string) =>
    new Mailbox((message) => "ids" in message && message.ids.includes(id));

  test("a mailbox yields the messages that its filter accepts, in order, and ends when return() is called", async () => {
    const id = clerkId("user");
    const mailbox = mailboxFor(id);
    await mirrorUser(clerkId("user"));
    await mirrorUser(id);
    expect((await mailbox.next()).value).toEqual({ table: "users", ids: [id] });
    const pending = mailbox.next();
    await mailbox.return();
    expect(await pending).toEqual({ value: undefined, done: true });
    expect(await mailbox.next()).toEqual({ value: undefined, done: true });
  });

  test("the messages of a mailbox that overflows are replaced by a single gap", async () => {
    const id = clerkId("user");
    const mailbox = mailboxFor(id);
    const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
    await client.connect();
    for (let index = 0; index < 101; index++) {
      await client.query("SELECT pg_notify('rollcall', $1)", [
        JSON.stringify({ table: "users", ids: [id, String(index)] }),
      ]);
    }
    await client.end();
    await caughtUp();
    expect((await mailbox.next()).value).toEqual({ gap: true });
    const pending = mailbox.next();
    await mailbox.return();
    expect((await pending).done).toBe(true);
  });
});
