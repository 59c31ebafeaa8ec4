import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { GET as ready } from "@/app/api/ready/route";
import { clerkId, event, userJson } from "@/dev/testing/clerk-payloads";
import { type Fault, startFaultProxy } from "@/dev/testing/fault-proxy";
import { svixHeaders } from "@/dev/testing/sign";
import { postWebhook, sendWebhook } from "@/dev/testing/webhook";
import { database } from "../../db";

const directUrl = process.env.DATABASE_URL ?? "";
const proxy = await startFaultProxy(directUrl);
process.env.DATABASE_URL = proxy.url;
const direct = new pg.Client({ connectionString: directUrl });

beforeAll(() => direct.connect());
afterEach(() => proxy.set({ kind: "none" }));
afterAll(async () => {
  await database().pool.end();
  await direct.end();
  await proxy.close();
});

const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";

async function isStored(svixId: string): Promise<boolean> {
  const { rowCount } = await direct.query("SELECT FROM deliveries WHERE svix_id = $1", [svixId]);
  return rowCount === 1;
}

const payload = () => JSON.stringify(event("user.created", userJson({ id: clerkId("user") })));

/** Posts a delivery. Resolves to the response and the duration in ms. */
async function post(body: string, id: string) {
  const startedAt = performance.now();
  const response = await postWebhook(body, svixHeaders(body, secret, { id }));
  return { response, tookMs: performance.now() - startedAt };
}

const AT_ONCE = 50;

describe("deliveries during a database fault", () => {
  test.each<[string, Fault]>([
    ["refuses connections", { kind: "refuse" }],
    ["answers 3 s late", { kind: "slow", ms: 3_000 }],
    ["stops answering on an open connection", { kind: "silent" }],
    ["resets the connection in place of an answer", { kind: "reset-answer" }],
  ])(
    `${AT_ONCE} parallel deliveries to a database that %s: those not stored are answered with 503, and the next try is stored`,
    async (_, fault) => {
      await sendWebhook(payload());
      proxy.set(fault);
      const deliveries = Array.from(
        { length: AT_ONCE },
        () => [payload(), clerkId("msg")] as const,
      );
      const answers = await Promise.all(deliveries.map(([body, id]) => post(body, id)));
      for (const [index, { response, tookMs }] of answers.entries()) {
        expect(tookMs).toBeLessThan(5_000);
        if (response.status === 200)
          expect(await isStored(deliveries[index]?.[1] ?? "")).toBe(true);
        else expect([response.status, response.headers.get("retry-after")]).toEqual([503, "5"]);
      }
      // With a slow database, a delivery on an open connection waits for the delay once and succeeds. A new connection waits
      // twice and misses the deadline.
      const taken = answers.filter(({ response }) => response.ok).length;
      expect(taken > 0).toBe(fault.kind === "slow");
      expect(taken).toBeLessThan(AT_ONCE);
      proxy.set({ kind: "none" });
      for (const [body, id] of deliveries) {
        expect((await post(body, id)).response.status).toBe(200);
        expect(await isStored(id)).toBe(true);
      }
    },
  );

  test("a repeated delivery whose statements each take 3 s gets a 503 response within 5 s, and its next try is a duplicate", async () => {
    const [body, id] = [payload(), clerkId("msg")];
    await post(body, id);
    proxy.set({ kind: "slow", ms: 3_000 });
    // A duplicate takes a second statement; both together take 6 s.
    const { response, tookMs } = await post(body, id);
    expect(response.status).toBe(503);
    expect(tookMs).toBeLessThan(5_000);
    proxy.set({ kind: "none" });
    expect((await post(body, id)).response.status).toBe(200);
  });

  test("a delivery gets a 503 response within 5 s while the tables are locked", async () => {
    await direct.query("BEGIN");
    await direct.query("LOCK TABLE deliveries IN ACCESS EXCLUSIVE MODE");
    try {
      const { response, tookMs } = await post(payload(), clerkId("msg"));
      expect(response.status).toBe(503);
      expect(tookMs).toBeLessThan(5_000);
    } finally {
      await direct.query("ROLLBACK");
    }
  });

  test("the process survives when the database ends an idle connection, and the next delivery is stored", async () => {
    const client = await database().pool.connect();
    const { rows } = await client.query("SELECT pg_backend_pid() AS pid");
    const ended = new Promise<void>((resolve) => client.once("end", () => resolve()));
    await direct.query("SELECT pg_terminate_backend($1)", [rows[0].pid]);
    await ended;
    client.release(true);
    expect((await post(payload(), clerkId("msg"))).response.status).toBe(200);
  });

  test("while the database is unavailable, deliveries and /api/ready get a 503 response", async () => {
    proxy.set({ kind: "refuse" });
    expect((await ready(new Request("https://rollcall.test/api/ready"))).status).toBe(503);
    proxy.set({ kind: "none" });
    expect((await ready(new Request("https://rollcall.test/api/ready"))).status).toBe(200);
  });
});

describe("a database that refuses writes", () => {
  async function expectRefusal() {
    const id = clerkId("msg");
    const { response } = await post(payload(), id);
    expect(response.status).toBe(503);
    expect(await isStored(id)).toBe(false);
  }

  test("while the database is read-only, deliveries get a 503 response", async () => {
    const name = (await direct.query("SELECT current_database() AS name")).rows[0].name;
    const reconnect = () =>
      direct.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()",
        [name],
      );
    await direct.query(`ALTER DATABASE "${name}" SET default_transaction_read_only = on`);
    await reconnect();
    await expect
      .poll(async () => (await post(payload(), clerkId("msg"))).response.status)
      .toBe(503);
    await expectRefusal();
    await direct.query(`ALTER DATABASE "${name}" RESET default_transaction_read_only`);
    await reconnect();
    await expect
      .poll(async () => (await post(payload(), clerkId("msg"))).response.status)
      .toBe(200);
  });

  test("with a full disk, a delivery gets a 503 response and nothing is stored", async () => {
    await direct.query(`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$`);
    await direct.query(
      "CREATE TRIGGER full_disk BEFORE INSERT ON deliveries FOR EACH STATEMENT EXECUTE FUNCTION full_disk()",
    );
    try {
      await expectRefusal();
    } finally {
      await direct.query("DROP FUNCTION full_disk CASCADE");
    }
    expect((await post(payload(), clerkId("msg"))).response.status).toBe(200);
  });
});
