/** Tests the list of erasures through the real GraphQL route: its pages, filters and cursors, and one erasure with its receipt. */
import { beforeAll, expect, test } from "vitest";
import { clerkId, deletedJson, event } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { deliver, mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";
import { runErasures } from "../../erasure/erase";

const admin = clerkId("user");
const { pool } = database();

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await caughtUp();
  await pool.query("TRUNCATE erasures CASCADE");
  // 230 erasures that are done, of which three at a time have the same time of deletion.
  await pool.query(
    `INSERT INTO erasures (addresses, subject_kind, subject_id, step, reason, deleted_at, erased_at, next_at)
     SELECT '{}', CASE n % 10 WHEN 0 THEN 'organization' ELSE 'user' END, 'done_' || n, 'done', CASE n % 2 WHEN 0 THEN 'admin_action' ELSE 'unknown' END,
       timestamptz '2026-01-01' + n / 3 * interval '1 minute', now(), NULL FROM generate_series(1, 230) AS n`,
  );
  await pool.query(
    `INSERT INTO erasures (addresses, subject_kind, subject_id, step, reason, deleted_at, next_at, brake_id) VALUES
       ('{}', 'user', 'held', 'held', 'user_requested', '2026-02-01', now() + interval '1 day', NULL),
       ('{}', 'user', 'paused', 'held', 'unknown', '2026-02-02', NULL, 1),
       ('{}', 'user', 'released', 'held', 'unknown', '2026-02-03', now(), 1),
       ('{}', 'user', 'rows', 'rows', 'policy_violation', '2026-02-04', now(), NULL),
       ('{}', 'user', 'receipt', 'receipt', 'unknown', '2026-02-05', now(), NULL),
       ('{}', 'user', 'undone', 'undone', 'unknown', '2026-02-06', NULL, 1),
       ('{}', 'user', 'requested', 'requested', 'unknown', '2026-02-07', NULL, NULL)`,
  );
});

type Node = { subjectId: string };
type Found = {
  totalCount: number;
  edges: { node: Node }[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null; startCursor: string | null };
};

const list = `query ($query: String, $filter: ErasureFilter, $orderBy: ErasureOrder, $first: Int, $after: String, $last: Int, $before: String) {
  erasures(query: $query, filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
    totalCount edges { node { subjectId } } pageInfo { hasNextPage endCursor startCursor }
  }
}`;

const send = (query: string, variables: object = {}) =>
  askGraphQL({ sub: admin }, query, variables);

async function read(variables: object): Promise<Found> {
  const { data, errors } = await send(list, variables);
  expect(errors).toBeUndefined();
  return data.erasures;
}

const idsOf = ({ edges }: Found) => edges.map(({ node }) => node.subjectId);

/** Reads the whole list forwards, page by page. */
async function readPages(variables: object): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = null; ; ) {
    const page: Found = await read({ ...variables, first: 50, after });
    ids.push(...idsOf(page));
    if (!page.pageInfo.hasNextPage) return ids;
    after = page.pageInfo.endCursor;
  }
}

test("the pages of the list have every erasure once, the newest deletion first, also in reverse and backwards", async () => {
  const { rows } = await pool.query<{ subjectId: string }>(
    "SELECT subject_id AS \"subjectId\" FROM erasures WHERE step <> 'requested' ORDER BY deleted_at DESC, id DESC",
  );
  const expected = rows.map(({ subjectId }) => subjectId);
  const ids = await readPages({});
  expect(ids).toHaveLength(236);
  expect(ids).toEqual(expected);
  const oldestFirst = { orderBy: { field: "DELETED_AT", direction: "ASC" } };
  expect(await readPages(oldestFirst)).toEqual(expected.toReversed());
  const second = await read({ first: 50, after: (await read({ first: 50 })).pageInfo.endCursor });
  expect(idsOf(await read({ last: 50, before: second.pageInfo.startCursor }))).toEqual(
    expected.slice(0, 50),
  );
});

test.each([
  ["UNDER_WAY", ["receipt", "rows", "released", "paused", "held"]],
  ["HELD", ["released", "held"]],
  ["PAUSED", ["paused"]],
  ["ERASING", ["receipt", "rows"]],
  ["UNDONE", ["undone"]],
])("the filter by the state %s finds the erasures in it", async (state, expected) => {
  const found = await read({ filter: { state } });
  expect(idsOf(found)).toEqual(expected);
  expect(found.totalCount).toBe(expected.length);
});

test("only an erasure that waits for the brake is paused, not one that had waited and has ended", async () => {
  const { data } = await send("{ erasures(first: 10) { edges { node { subjectId isPaused } } } }");
  const paused = data.erasures.edges.filter(
    ({ node }: { node: { isPaused: boolean } }) => node.isPaused,
  );
  expect(paused).toEqual([{ node: { subjectId: "paused", isPaused: true } }]);
});

test("filters by state, kind, reason and time of deletion combine", async () => {
  expect((await read({ filter: { state: "ERASED" } })).totalCount).toBe(230);
  expect((await read({ filter: { state: "ERASED", kind: "ORGANIZATION" } })).totalCount).toBe(23);
  expect((await read({ filter: { reason: "POLICY_VIOLATION" } })).totalCount).toBe(1);
  const filter = {
    ...{ kind: "ORGANIZATION", reason: "ADMIN_ACTION" },
    deletedAt: { from: "2026-01-01T00:00:00Z", until: "2026-01-01T00:10:00Z" },
  };
  expect(idsOf(await read({ filter }))).toEqual(["done_20", "done_10"]);
});

test("a search by id finds one erasure, and not the request of a deletion that Clerk has not reported", async () => {
  expect(idsOf(await read({ query: " done_7 " }))).toEqual(["done_7"]);
  expect(idsOf(await read({ query: "requested" }))).toEqual([]);
});

test.each([
  ["a cursor of another list", ["2026", "x", "Users CREATED_AT"]],
  ["a cursor whose id is no UUID", [0, "x' OR true", "Erasure DELETED_AT"]],
  [
    "a cursor with an impossible time",
    [1e300, "00000000-0000-0000-0000-000000000000", "Erasure DELETED_AT"],
  ],
])("%s is refused", async (_name, content) => {
  const after = Buffer.from(JSON.stringify(content)).toString("base64url");
  const { errors } = await send(list, { first: 5, after });
  expect(errors?.[0]?.extensions?.code).toBe("BAD_USER_INPUT");
});

test("an erasure is read with its counts and its receipt; an unknown or malformed id is null", async () => {
  const person = clerkId("user");
  await mirrorUser(person);
  await deliver(event("user.deleted", deletedJson(person)));
  await pool.query("UPDATE erasures SET step = 'done', next_at = NULL WHERE step <> 'rows'");
  for (let runs = 0; runs < 10; runs += 1) {
    await pool.query(
      "UPDATE erasures SET next_at = now(), deleted_at = now() - interval '1 minute' WHERE next_at IS NOT NULL",
    );
    await runErasures();
  }
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM erasures WHERE subject_id = $1",
    [person],
  );
  const detail = `query ($id: ID!) { erasure(erasureId: $id) { receiptLine receiptToken erasure { subjectId step cause counts { table rows } } } }`;
  const { data } = await send(detail, { id: rows[0]?.id });
  const { receiptLine, receiptToken, erasure } = data.erasure;
  expect(erasure).toMatchObject({ subjectId: person, step: "done", cause: "webhook" });
  const { receipt } = JSON.parse(receiptLine);
  expect(Object.keys(receipt.counts)).toEqual(
    erasure.counts.map(({ table }: { table: string }) => table).sort(),
  );
  const passedOn = await send("query ($token: ID!) { erasureReceipt(token: $token) { line } }", {
    token: receiptToken,
  });
  expect(passedOn.data.erasureReceipt).toEqual({ line: receiptLine });
  for (const id of ["x", "00000000-0000-0000-0000-000000000000"]) {
    const answer = await send(detail, { id });
    expect(answer.errors).toBeUndefined();
    expect(answer.data.erasure).toBeNull();
  }
});
