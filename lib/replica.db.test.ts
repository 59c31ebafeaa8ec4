/** Tests reads from a hot standby with real streaming replication, through the API's route. */
import pg from "pg";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { POST as graphql } from "@/app/api/graphql/route";
import { GET as ready } from "@/app/api/ready/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import {
  mirrorAdmin,
  mirrorMembership,
  mirrorOrganization,
  mirrorUser,
} from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { type PrimaryAndStandby, startPrimaryAndStandby } from "@/dev/testing/standby";
import { database, replicaDatabase } from "./db";
import { readAfterCookie } from "./graphql/context";
import { findReplicaStatus, parsePosition, Replica } from "./replica";

let servers: PrimaryAndStandby;
const [admin, member] = [clerkId("user"), clerkId("user")];

/** The number of statements on each server since the last reset, by the server's own statistics. */
const reads = { primary: 0, standby: 0 };

function count(server: keyof typeof reads, pool: ReturnType<typeof database>["pool"]) {
  pool.on("connect", (client) => {
    const query = client.query;
    Reflect.set(client, "query", (...given: unknown[]) => {
      const text = JSON.stringify(given[0] ?? "");
      if (/FROM \\?"[^"]*\\?"\.\\?"(users|organizations|memberships|audit_log)/.test(text))
        reads[server] += 1;
      return Reflect.apply(query, client, given);
    });
  });
}

beforeAll(async () => {
  servers = await startPrimaryAndStandby();
  Object.assign(process.env, {
    DATABASE_URL: servers.primaryUrl,
    DATABASE_REPLICA_URL: servers.standbyUrl,
    DATABASE_REPLICA_MAX_LAG: "2s",
  });
  count("primary", database().pool);
  count("standby", replicaDatabase(servers.standbyUrl).pool);
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await caughtUp();
});

afterAll(async () => {
  await database().pool.end();
  await replicaDatabase(servers.standbyUrl).pool.end();
  await servers.stop();
});

type Sent = { sub?: string; headers?: Record<string, string> };

async function send(query: string, { sub = admin, headers = {} }: Sent = {}) {
  const token = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });
  const response = await graphql(
    new Request("https://rollcall.test/api/graphql", {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}`, ...headers },
      body: JSON.stringify({ query, extensions: { freshness: true } }),
    }),
  );
  return { headers: response.headers, body: await response.json() };
}

const LIST = "{ users(first: 100) { edges { node { id } } } }";
const idsIn = ({ body }: Awaited<ReturnType<typeof send>>): string[] =>
  body.data.users.edges.map(({ node }: { node: { id: string } }) => node.id);

const resetCounts = () => Object.assign(reads, { primary: 0, standby: 0 });

/** Reads the list until it comes from `server`: after a failure, the standby is avoided for a while. */
const untilReadFrom = (server: keyof typeof reads) =>
  expect
    .poll(
      async () => {
        resetCounts();
        await send(LIST);
        return reads[server];
      },
      { timeout: 15_000, interval: 100 },
    )
    .toBeGreaterThan(0);

beforeEach(resetCounts);

test("lists are read from the standby, and a change is in the list as soon as it is announced", async () => {
  await untilReadFrom("standby");
  for (let round = 0; round < 20; round += 1) {
    const id = clerkId("user");
    await mirrorUser(id);
    await caughtUp();
    expect(idsIn(await send(LIST))).toContain(id);
  }
  await untilReadFrom("standby");
});

test("row security and the viewer's role hold on the standby", async () => {
  const [own, other] = [clerkId("org"), clerkId("org")];
  await mirrorOrganization(own);
  await mirrorOrganization(other);
  await mirrorMembership(clerkId("orgmem"), member, own);
  await caughtUp();
  const { body } = await send(
    `{ own: organization(id: "${own}") { members { edges { node { id } } } } other: organization(id: "${other}") { id } }`,
    { sub: member },
  );
  expect(body.data.other).toBeNull();
  expect(body.data.own.members.edges.length).toBe(1);
  await untilReadFrom("standby");
  const { prisma } = replicaDatabase(servers.standbyUrl);
  const visible = await prisma.$transaction([
    prisma.$executeRaw`SELECT set_config('rollcall.viewer', ${member}, true), set_config('rollcall.organizations', '', true), set_config('role', viewer_role(), true)`,
    prisma.$queryRaw<{ id: string }[]>`SELECT id FROM users`,
  ]);
  expect(visible[1]).toEqual([{ id: member }]);
  await expect(prisma.$executeRaw`UPDATE users SET first_name = 'X'`).rejects.toThrow(/read-only/);
});

test("while replay is paused, a writer reads the own write from the primary, others read the standby until it lags too much", async () => {
  await untilReadFrom("standby");
  await servers.onStandby("SELECT pg_wal_replay_pause()");
  const saved = await send(
    'mutation { createConsoleView(consoleList: USERS, isShared: true, name: "Mine", parameters: "state=banned") { view { id } } }',
  );
  const position = saved.headers.get("x-rollcall-read-after");
  expect(parsePosition(position)).toBeGreaterThan(0n);
  expect(saved.headers.get("set-cookie")).toMatch(
    /^rollcall_read_after=.*; HttpOnly; SameSite=Lax$/,
  );
  resetCounts();
  const [cookie = ""] = (saved.headers.get("set-cookie") ?? "").split(";");
  await send(LIST, { headers: { cookie } });
  expect(reads).toMatchObject({ standby: 0 });
  await send(LIST, { headers: { "x-rollcall-read-after": position ?? "" } });
  expect(reads).toMatchObject({ standby: 0 });
  await send(LIST, { headers: { "x-rollcall-read-after": "nonsense" } });
  expect(reads.standby).toBeGreaterThan(0);
  // Other writes, which are not announced, move the primary on. After two seconds without replay, the standby is too far behind for everyone.
  await database().pool.query("INSERT INTO sync_facts (name, value) VALUES ('test', '1')");
  await untilReadFrom("primary");
  expect(await findReplicaStatus()).toMatchObject({ state: "lagging" });
  await servers.onStandby("SELECT pg_wal_replay_resume()");
  await untilReadFrom("standby");
});

test("the cookie of a write lasts as long as a standby may lag, and at least 60 s", () => {
  expect(readAfterCookie("0/1", 5_000)).toContain("; Max-Age=60;");
  expect(readAfterCookie("0/1", 600_000)).toContain("; Max-Age=600;");
});

test("a response from the standby says how old it may be", async () => {
  await untilReadFrom("standby");
  const { body } = await send(LIST);
  const { asOf, lagMs } = body.extensions.freshness;
  expect(Date.parse(asOf)).toBeLessThan(Date.parse("2026-09-21T14:13:20.000Z"));
  expect(lagMs).toBeGreaterThan(0);
});

test("a standby that is gone costs no list: the primary answers, Health says so, and the standby is used again when it is back", async () => {
  await servers.stopStandby();
  const startedAt = performance.now();
  expect(idsIn(await send(LIST))).toContain(admin);
  expect(performance.now() - startedAt).toBeLessThan(2_000);
  const { replica, findings, status } = await (
    await ready(new Request("https://rollcall.test/api/ready"))
  ).json();
  expect(replica).toEqual({ state: "unreachable", behindMs: null });
  expect(findings).toContainEqual(expect.objectContaining({ code: "replica", state: "warn" }));
  expect(status).toBe("degraded");
  await servers.startStandby();
  await untilReadFrom("standby");
  expect(await findReplicaStatus()).toMatchObject({ state: "in-use" });
});

test("a server that refuses the login, or is no standby, is not read", async () => {
  const wrong = new URL(servers.standbyUrl);
  wrong.password = "another";
  const changes = { isListening: true, subscribe: () => () => undefined };
  const refused = new pg.Pool({ connectionString: wrong.href });
  const refusing = new Replica({
    ...{ primary: database, changes, maxLagMs: 2_000 },
    standby: () => ({ pool: refused, prisma: database().prisma }),
  });
  expect(await refusing.assess(null)).toEqual({ state: "unreachable", behindMs: null });
  expect(await refusing.read(null, async ({ pool }) => pool === database().pool)).toBe(true);
  await refused.end();
  const itself = new Replica({
    ...{ primary: database, changes, maxLagMs: 2_000 },
    standby: database,
  });
  expect(await itself.assess(null)).toEqual({ state: "not-a-standby", behindMs: null });
});

test("a read that fails on the standby is repeated on the primary, and the primary's error is the one that is thrown", async () => {
  const changes = { isListening: true, subscribe: () => () => undefined };
  const standby = replicaDatabase(servers.standbyUrl);
  const replica = new Replica({
    ...{ primary: database, changes, maxLagMs: 60_000 },
    standby: () => standby,
  });
  await expect.poll(async () => (await replica.assess(null)).state).toBe("in-use");
  const asked: boolean[] = [];
  const result = replica.read(null, async ({ pool }) => {
    asked.push(pool === standby.pool);
    if (pool === standby.pool) throw new Error("canceling statement due to conflict with recovery");
    return "from the primary";
  });
  expect([await result, asked]).toEqual(["from the primary", [true, false]]);
  expect((await replica.assess(null)).state).toBe("unreachable");
  const fresh = new Replica({
    ...{ primary: database, changes, maxLagMs: 60_000 },
    standby: () => standby,
  });
  await expect.poll(async () => (await fresh.assess(null)).state).toBe("in-use");
  await expect(fresh.read(null, ({ pool }) => pool.query("SELECT wrong"))).rejects.toThrow(
    /"wrong"/,
  );
  expect((await fresh.assess(null)).state).toBe("in-use");
});
