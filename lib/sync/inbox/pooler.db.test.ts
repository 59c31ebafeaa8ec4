/**
 * Tests the webhook route, the GraphQL API and /api/ready behind PgBouncer (Debian's package) in transaction mode. Also tests how
 * `findDatabaseFault` classifies PgBouncer's own errors.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { POST as graphql } from "@/app/api/graphql/route";
import { GET as ready } from "@/app/api/ready/route";
import {
  clerkId,
  event,
  membershipJson,
  organizationJson,
  userJson,
} from "@/dev/testing/clerk-payloads";
import { type PgBouncer, pgBouncerVersion, startPgBouncer } from "@/dev/testing/pgbouncer";
import { signToken } from "@/dev/testing/sign";
import { sendWebhook } from "@/dev/testing/webhook";
import { type DatabaseFault, findDatabaseFault } from "../../database-fault";
import { database } from "../../db";

const direct = process.env.DATABASE_URL ?? "";

describe.skipIf(pgBouncerVersion() === null)("behind PgBouncer in transaction mode", () => {
  let pgBouncer: PgBouncer;

  beforeAll(async () => {
    const url = process.env.DATABASE_URL ?? "";
    pgBouncer = await startPgBouncer(url);
    // The pool may open as many connections as PgBouncer has to the server (4). On a busy machine, a request may wait long for
    // one of them, so the timeout is long.
    const pooled = new URL(pgBouncer.urlOf(url));
    pooled.searchParams.set("connection_limit", "4");
    pooled.searchParams.set("pool_timeout", "25");
    Object.assign(process.env, { DATABASE_URL: pooled.href, DIRECT_DATABASE_URL: url });
  });

  afterAll(async () => {
    await database().pool.end();
    await pgBouncer.stop();
  });

  test("behind PgBouncer in transaction mode, 100 parallel deliveries are all stored and applied", async () => {
    const payloads = Array.from({ length: 34 }, () => {
      const [userId, organizationId] = [clerkId("user"), clerkId("org")];
      const membership = membershipJson({ id: clerkId("orgmem"), userId, organizationId });
      return [
        event("user.created", userJson({ id: userId })),
        event("organization.created", organizationJson({ id: organizationId })),
        event("organizationMembership.created", membership),
      ];
    })
      .flat()
      .slice(0, 100);
    const statuses = await Promise.all(payloads.map((payload) => sendWebhook(payload)));
    expect(statuses.filter((status) => status !== 200)).toEqual([]);
    const outcomes = await database().prisma.delivery.groupBy({ by: ["outcome"], _count: true });
    expect(outcomes).toEqual([{ outcome: "applied", _count: 100 }]);
    expect(database().mode).toBe("pooled");
  });

  test("behind PgBouncer with 4 connections, 40 parallel GraphQL operations all return data without errors", async () => {
    const admin = clerkId("user");
    await sendWebhook(
      event("user.created", userJson({ id: admin, public_metadata: { role: "admin" } })),
    );
    const ask = async (query: string) => {
      const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin });
      const request = new Request("https://rollcall.test/api/graphql", {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
        body: JSON.stringify({ query }),
      });
      const response = await graphql(request);
      return { status: response.status, body: await response.json() };
    };
    const operations = [
      "{ viewer { id memberships { role organization { name } } } }",
      "{ users(first: 10) { totalCount edges { node { id memberships { role } } } } }",
      "{ organizations(first: 10) { totalCount edges { node { id name } } } }",
      "{ syncState { connectionMode pending findings { sentence } } latestDeliveries { id } }",
    ];
    const answers = await Promise.all(Array.from({ length: 10 }, () => operations.map(ask)).flat());
    for (const { status, body } of answers) expect([status, body.errors]).toEqual([200, undefined]);
    expect(answers[1]?.body.data.users.totalCount).toBeGreaterThan(30);
    expect(answers[3]?.body.data.syncState).toMatchObject({ connectionMode: "POOLED", pending: 0 });
  });

  test("behind PgBouncer, /api/ready returns 200 with connectionMode pooled", async () => {
    const response = await ready(new Request("https://rollcall.test/api/ready"));
    expect([response.status, await response.json()]).toMatchObject([
      200,
      { database: "ok", connectionMode: "pooled" },
    ]);
  });
});

describe.skipIf(pgBouncerVersion() === null)("an error of PgBouncer itself", () => {
  /**
   * Opens `count` connections and keeps them open. Resolves to the database fault of the first connection or query that fails, or
   * to null.
   */
  async function faultOf(url: string, count: number): Promise<DatabaseFault | null> {
    const clients: pg.Client[] = [];
    try {
      for (let made = 0; made < count; made += 1) {
        const client = new pg.Client({ connectionString: url });
        client.on("error", () => undefined);
        clients.push(client);
        await client.connect();
        // An open transaction keeps the pooler from giving its server connection to another client.
        await client.query("BEGIN; SELECT 1");
      }
      return null;
    } catch (error) {
      return findDatabaseFault(error);
    } finally {
      for (const client of clients) await client.end().catch(() => undefined);
    }
  }

  /** A URL with a password that PgBouncer sends to the server, and that the server refuses. */
  const wrong = new URL(direct);
  wrong.password = "another";
  test.each([
    ["too-many-connections", direct, { max_client_conn: 2 }, /no more connections allowed/],
    ["pooler-queue", direct, { default_pool_size: 1, query_wait_timeout: 1 }, /query_wait_timeout/],
    ["login-refused", wrong.href, {}, /password authentication failed/],
  ] as const)(
    "behind PgBouncer, findDatabaseFault returns the kind %s and PgBouncer's own message",
    async (kind, server, settings, message) => {
      const pgBouncer = await startPgBouncer(server, settings);
      try {
        const fault = await faultOf(pgBouncer.urlOf(server), 3);
        expect(fault).toMatchObject({ kind, message: expect.stringMatching(message) });
        expect(fault?.sentence).toContain(fault?.message);
      } finally {
        await pgBouncer.stop();
      }
    },
  );
});
