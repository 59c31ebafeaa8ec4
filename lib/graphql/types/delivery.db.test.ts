/**
 * Tests the console's list of deliveries and its histogram through the real route: filters, orders, cursors, bad input, query
 * plans.
 */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { explain } from "@/dev/testing/plan";
import { database } from "../../db";
import { bucketsOf, matchesType } from "../../sync/monitoring/find-deliveries";

const [admin, member] = [clerkId("user"), clerkId("user")];
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await caughtUp();
});

beforeEach(() => sql("TRUNCATE deliveries"));

const send = (query: string, variables: object = {}, sub = admin) =>
  askGraphQL({ sub }, query, variables);

const LIST = `query ($query: String, $filter: DeliveryFilter, $orderBy: DeliveryOrder, $first: Int, $after: String, $last: Int, $before: String) {
  deliveries(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount count { number precision } edges { cursor node { id delayMs } } pageInfo { hasNextPage startCursor endCursor }
  }
}`;

async function list(variables: object = {}) {
  const { data, errors } = await send(LIST, variables);
  expect(errors).toBeUndefined();
  return data.deliveries;
}

type Edge = { node: { id: string } };
const idsOf = ({ edges }: { edges: Edge[] }) => edges.map(({ node }) => node.id);

type Given = {
  type?: string | null;
  outcome?: string;
  objectId?: string;
  userId?: string;
  receivedAt?: string;
  delaySeconds?: number | null;
};

async function insert(svixId: string, given: Given = {}) {
  const { type = "user.updated", outcome = "applied", delaySeconds = 1 } = given;
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, body, type, outcome, object_id, user_id, received_at, occurred_at)
     VALUES ($1, '\\x00', '{}', $2, $3, $4, $5, $6, $6::timestamptz - $7 * interval '1 s')`,
    [
      ...[svixId, type, outcome, given.objectId ?? null, given.userId ?? null],
      given.receivedAt ?? "2026-11-28T10:00:00Z",
      delaySeconds,
    ],
  );
}

test("matchesType compares the whole event type, and * stands for any characters", () => {
  const matches = (pattern: string) =>
    ["user.created", "user.deleted", "organization.deleted", "user"].filter((type) =>
      matchesType(pattern, type),
    );
  expect(matches("user.*")).toEqual(["user.created", "user.deleted"]);
  expect(matches("*.deleted")).toEqual(["user.deleted", "organization.deleted"]);
  expect(matches("*")).toHaveLength(4);
  expect(matches("u*r*ed")).toEqual(["user.created", "user.deleted"]);
  expect(matches("user.created*created")).toEqual([]);
  expect(matches("user")).toEqual(["user"]);
  expect(matchesType(`${"a*".repeat(5_000)}b`, "a".repeat(10_000))).toBe(false);
});

test("each filter of the list returns the matching deliveries, and two filters return those that match both", async () => {
  await insert("a", { type: "user.created", objectId: "user_1", delaySeconds: 0.4 });
  await insert("b", {
    type: "user.deleted",
    objectId: "user_2",
    outcome: "dead",
    delaySeconds: 90,
  });
  await insert("c", {
    type: "session.created",
    userId: "user_1",
    receivedAt: "2026-11-27T23:59:59Z",
  });
  await insert("d", { type: null, outcome: "unreadable", delaySeconds: null });
  await insert("e", { type: `un%_${"x".repeat(5_000)}`, outcome: "ignored" });
  const found = async (variables: object) => idsOf(await list(variables)).sort();
  expect(await found({ filter: { type: "user.*" } })).toEqual(["a", "b"]);
  expect(await found({ filter: { type: "*.created" } })).toEqual(["a", "c"]);
  expect(await found({ filter: { type: "user.created" } })).toEqual(["a"]);
  expect(await found({ filter: { type: "un%_xxx*" } })).toEqual(["e"]);
  expect(await found({ filter: { type: "us_r.created" } })).toEqual([]);
  expect(await found({ filter: { outcome: "DEAD" } })).toEqual(["b"]);
  expect(await found({ filter: { objectId: "user_1" } })).toEqual(["a"]);
  expect(await found({ query: "user_1" })).toEqual(["a", "c"]);
  expect(await found({ query: " b " })).toEqual(["b"]);
  expect(await found({ filter: { delaySeconds: { min: 60 } } })).toEqual(["b"]);
  expect(await found({ filter: { delaySeconds: { max: 0 } } })).toEqual([]);
  expect(await found({ filter: { delaySeconds: { max: 1 } } })).toEqual(["a", "c", "e"]);
  const day = { from: "2026-11-28T00:00:00Z", until: "2026-11-29T00:00:00Z" };
  expect(await found({ filter: { receivedAt: day, type: "*.created" } })).toEqual(["a"]);
});

test("pages of deliveries, forward and backward and in both orders, contain every delivery once, even without a known delay", async () => {
  for (const [index, delaySeconds] of [5, null, 5, -3, null, 86_400.5, 5].entries())
    await insert(`msg_${index}`, { delaySeconds });
  for (const field of ["RECEIVED_AT", "DELAY"]) {
    for (const direction of ["ASC", "DESC"]) {
      const orderBy = { field, direction };
      const all = idsOf(await list({ orderBy }));
      expect(all).toHaveLength(7);
      const forward: string[] = [];
      let page = await list({ orderBy, first: 2 });
      forward.push(...idsOf(page));
      while (page.pageInfo.hasNextPage) {
        page = await list({ orderBy, first: 2, after: page.pageInfo.endCursor });
        forward.push(...idsOf(page));
      }
      expect(forward).toEqual(all);
      const before = await list({ orderBy, last: 3, before: page.pageInfo.startCursor });
      expect(idsOf(before)).toEqual(all.slice(3, 6));
    }
  }
});

test("bad input to the list of deliveries is refused or finds nothing, and never causes an internal error", async () => {
  await insert("a");
  const byTime = await list({});
  const foreign = [
    Buffer.from(JSON.stringify(["x", "a", "Delivery RECEIVED_AT"])).toString("base64url"),
    Buffer.from(JSON.stringify([1e300, "a", "Delivery DELAY"])).toString("base64url"),
    "%",
    "x".repeat(10_000),
  ];
  for (const after of foreign) {
    const { errors } = await send(LIST, { after });
    expect(errors).toMatchObject([{ extensions: { code: "BAD_USER_INPUT" } }]);
  }
  const otherOrder = { after: byTime.edges[0].cursor, orderBy: { field: "DELAY" } };
  expect((await send(LIST, otherOrder)).errors).toMatchObject([
    { extensions: { code: "BAD_USER_INPUT" } },
  ]);
  for (const text of [
    "%",
    "'; DROP TABLE deliveries; --",
    '"',
    "\\",
    "*".repeat(10_000),
    "x".repeat(10_000),
    "\u202e",
    "🦉",
  ]) {
    for (const variables of [{ query: text }, { filter: { objectId: text } }])
      expect(idsOf(await list(variables))).toEqual([]);
    await list({ filter: { type: text } });
  }
  for (const variables of [{ query: "\u0000" }, { filter: { type: "\u0000*" } }])
    expect((await send(LIST, variables)).errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT" } },
    ]);
});

test("the histogram counts the deliveries in the time range by outcome, with at most 97 buckets", async () => {
  await insert("a", { receivedAt: "2026-11-28T10:00:00Z" });
  await insert("b", { receivedAt: "2026-11-28T10:59:59Z" });
  await insert("c", { receivedAt: "2026-11-28T11:00:00Z", outcome: "dead" });
  await insert("d", { receivedAt: "2026-11-29T00:00:00Z" });
  const { data } = await send(
    `query ($filter: DeliveryFilter) { deliveryHistogram(filter: $filter) {
      start bucketMs bucketCount countedSince outcomes { outcome counts } } }`,
    { filter: { receivedAt: { from: "2026-11-27T00:00:00Z", until: "2026-11-29T00:00:00Z" } } },
  );
  const { outcomes, start, bucketMs, bucketCount, countedSince } = data.deliveryHistogram;
  expect([start, bucketMs, bucketCount, countedSince]).toEqual([
    ...["2026-11-27T00:00:00.000Z", 1_800_000, 96],
    null,
  ]);
  const counts = new Map<string, number[]>(
    outcomes.map(({ outcome, counts }: { outcome: string; counts: number[] }) => [outcome, counts]),
  );
  expect([counts.get("applied")?.[68], counts.get("applied")?.[69]]).toEqual([1, 1]);
  expect(counts.get("dead")?.[70]).toBe(1);
  expect(counts.get("applied")?.reduce((sum, count) => sum + count, 0)).toBe(2);
});

test("bucketsOf returns a small number of buckets for a time range of any length", () => {
  for (const days of [1e-9, 0.001, 1, 7, 90, 365, 36_500, 3_650_000]) {
    const from = new Date("0001-01-01T00:00:00Z");
    const { bucketCount } = bucketsOf(from, new Date(from.getTime() + days * 86_400_000));
    expect(bucketCount).toBeGreaterThan(0);
    expect(bucketCount).toBeLessThanOrEqual(98);
  }
  expect(bucketsOf(new Date(5), new Date(4)).bucketCount).toBe(1);
});

test("the list of deliveries and the histogram are refused to a member with FORBIDDEN", async () => {
  for (const field of ["deliveries { totalCount }", "deliveryHistogram { bucketMs }"])
    expect((await send(`{ ${field} }`, {}, member)).errors).toMatchObject([
      { extensions: { code: "FORBIDDEN" } },
    ]);
});

test("each order and filter of the list of deliveries uses its index", async () => {
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, type, outcome, received_at, occurred_at)
     SELECT 'msg_' || n, '\\x00', CASE WHEN n % 1000 = 0 THEN 'user.deleted' ELSE 'user.updated' END,
       CASE WHEN n % 1500 = 0 THEN 'dead' ELSE 'applied' END,
       now() - n * interval '1 s', now() - n * interval '1 s' - (n % 7) * interval '1 s'
     FROM generate_series(1, 20000) n`,
  );
  await sql("ANALYZE deliveries");
  const plan = (text: string) => explain(database().pool, text);
  const delay =
    "coalesce((extract(epoch FROM received_at - occurred_at) * 1000)::bigint, (-9000000000000000)::bigint)";
  expect(
    await plan(
      `SELECT svix_id FROM deliveries WHERE (${delay}, svix_id) < (5000, 'msg_5') ORDER BY ${delay} DESC, svix_id DESC LIMIT 51`,
    ),
  ).toMatch(/Index Scan using deliveries_delay_idx/);
  expect(
    await plan(
      "SELECT svix_id FROM deliveries WHERE left(type, 100) = ANY ('{user.deleted}') ORDER BY received_at DESC, svix_id DESC LIMIT 51",
    ),
  ).toContain("deliveries_type_idx");
  expect(
    await plan(
      "SELECT received_at, outcome FROM deliveries WHERE received_at > now() - interval '1 day' ORDER BY received_at DESC, svix_id DESC LIMIT 200000",
    ),
  ).toContain("deliveries_received_at_svix_id_idx");
  expect(
    await plan(
      "SELECT FROM deliveries WHERE outcome = 'dead' ORDER BY received_at DESC, svix_id DESC LIMIT 51",
    ),
  ).toContain("deliveries_outcome_received_at_idx");
});

test("the count of deliveries is exact up to 10,000 and an estimate above that number, with and without a filter", async () => {
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, outcome, type)
     SELECT 'msg_' || n, '\\x00', 'applied', 'user.created' FROM generate_series(1, 10001) n`,
  );
  await sql("ANALYZE deliveries");
  // Postgres estimates one row for each partition that is empty.
  const { rows } = await sql("SELECT count(*)::int AS count FROM delivery_partitions()");
  for (const filter of [undefined, { outcome: "APPLIED" }]) {
    const { number, precision } = (await list({ filter })).count;
    expect(precision).toBe("ESTIMATE");
    expect(number).toBeGreaterThanOrEqual(10_001);
    expect(number).toBeLessThanOrEqual(10_001 + rows[0].count);
  }
  await sql("DELETE FROM deliveries WHERE svix_id = 'msg_1'");
  expect((await list()).count).toEqual({ number: 10_000, precision: "EXACT" });
});
