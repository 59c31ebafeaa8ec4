/**
 * Tests the API of the console's page Sync through the real route: plots, reconciliations with their findings, and the mutation
 * that requests a reconciliation.
 */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { startClerkWithAdmins } from "@/dev/testing/admins-at-clerk";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorUser } from "@/dev/testing/mirror";
import { database } from "../../db";
import { findDeliveryPlots } from "../../sync/monitoring/delivery-plots";
import { schedules } from "../../sync/monitoring/schedules";

const [admin, member] = [clerkId("user"), clerkId("user")];
await startClerkWithAdmins(admin);
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await mirrorUser(member);
  await caughtUp();
});

beforeEach(() => sql("TRUNCATE deliveries, sync_runs CASCADE"));

const send = (
  query: string,
  variables: object = {},
  claims: Record<string, unknown> = { sub: admin },
) => askGraphQL(claims, query, variables);

test("the delivery plots have one value for each bucket, and the delay null for a bucket without deliveries", async () => {
  const now = new Date("2026-11-28T10:07:00Z");
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, outcome, received_at, occurred_at)
     SELECT 'msg_' || n, '\\x00', 'applied', '2026-11-28T10:01:00Z', timestamptz '2026-11-28T10:01:00Z' - n * interval '1 s'
     FROM generate_series(1, 3) n`,
  );
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, outcome, received_at, occurred_at) VALUES
     ('old', '\\x00', 'applied', '2026-11-27T09:59:59Z', NULL), ('early', '\\x00', 'applied', '2026-11-27T10:16:00Z', NULL)`,
  );
  const { start, received, medianDelayMs, p95DelayMs, countedSince } = await findDeliveryPlots(
    "day",
    now,
  );
  expect([start.toISOString(), received.length, countedSince]).toEqual([
    ...["2026-11-27T10:15:00.000Z", 96],
    null,
  ]);
  expect([received[0], received[95], received.reduce((sum, each) => sum + each)]).toEqual([
    1, 3, 4,
  ]);
  expect([medianDelayMs[0], medianDelayMs[95], p95DelayMs[95]]).toEqual([null, 2_000, 2_900]);
  expect((await findDeliveryPlots("week", now)).received.at(-1)).toBe(3);
});

test("a reconciliation has its counts, and each difference with Clerk's value, the mirror's value and the cause", async () => {
  const { rows } = await sql(
    `INSERT INTO sync_runs (mode, trigger, status, holder, cursor, counts, error)
     VALUES ('dry-run', 'console', 'done', 'test', '{}', $1, 'A note.') RETURNING id::text`,
    [
      {
        requests: 7,
        users: { read: 9, missing: 0, stale: 0, different: 1, extra: 0, repaired: 0 },
      },
    ],
  );
  const id: string = rows[0].id;
  await sql(
    `INSERT INTO drift_findings (run_id, kind, object_table, object_id, fields, cause) VALUES ($1, 'different', 'users', 'user_1', $2, 'local edit')`,
    [
      id,
      {
        first_name: { ours: "Edited", theirs: "Ada" },
        private_metadata: { ours: { tax: 1 }, theirs: { tax: 2 } },
      },
    ],
  );
  const { data } = await send(
    `query ($id: ID!) { reconciliations { id } reconciliation(id: $id) { mode trigger status note requests
      tallies { table read different } findings { kind table objectId cause isRepaired fields { name ours theirs } } } }`,
    { id },
  );
  expect(data.reconciliations).toEqual([{ id }]);
  expect(data.reconciliation).toMatchObject({ mode: "dry-run", trigger: "console", requests: 7 });
  expect(data.reconciliation.tallies).toContainEqual({ table: "users", read: 9, different: 1 });
  expect(data.reconciliation.findings).toEqual([
    {
      ...{ kind: "different", table: "users", objectId: "user_1" },
      ...{ cause: "local edit", isRepaired: false },
      fields: [
        { name: "first_name", ours: "Edited", theirs: "Ada" },
        { name: "private_metadata", ours: "•••", theirs: "•••" },
      ],
    },
  ]);
  for (const unknown of ["0", "-1", "x", "9".repeat(10_000), "\u0000", "1e3"])
    expect(
      (await send("query ($id: ID!) { reconciliation(id: $id) { id } }", { id: unknown })).data,
    ).toEqual({ reconciliation: null });
});

const REQUEST = `mutation ($isDryRun: Boolean, $reason: String!) { requestReconciliation(isDryRun: $isDryRun, reason: $reason) }`;

test("requestReconciliation by an admin adds one job with the mode and an audit entry, and is refused to other viewers", async () => {
  const entries = async () =>
    (await sql("SELECT actor, detail FROM audit_log WHERE action = 'sync.requested' ORDER BY id"))
      .rows;
  for (const claims of [{ sub: member }, { sub: admin, act: { sub: member } }])
    expect(await send(REQUEST, { reason: "x" }, claims)).toMatchObject({
      errors: [{ extensions: { code: "FORBIDDEN" } }],
    });
  expect(await send(REQUEST, { reason: "" })).toMatchObject({
    errors: [{ extensions: { code: "BAD_USER_INPUT" } }],
  });
  expect(await entries()).toEqual([]);
  const requests = [
    { isDryRun: false, reason: "drift" },
    { isDryRun: true, reason: "a look first" },
  ];
  for (const variables of requests)
    expect((await send(REQUEST, variables)).data).toEqual({ requestReconciliation: true });
  expect(await entries()).toEqual([
    { actor: admin, detail: { mode: "repair", reason: "drift" } },
    { actor: admin, detail: { mode: "dry-run", reason: "a look first" } },
  ]);
  const queue: string = (await sql("SELECT queue_schema() AS name")).rows[0].name;
  const { rows } = await sql(
    `SELECT payload FROM "${queue}"._private_jobs WHERE key = 'reconcile console'`,
  );
  expect(rows).toEqual([{ payload: { mode: "dry-run", trigger: "console" } }]);
});

test("each periodic task has its schedule in words, and the time of its last run by the worker or the cron route", async () => {
  await sql("DELETE FROM sync_facts WHERE name LIKE 'due %'");
  const {
    rows: [{ schema }],
  } = await sql("SELECT queue_schema() AS schema");
  await sql(
    `INSERT INTO "${schema}"._private_known_crontabs (identifier, known_since, last_execution)
     VALUES ('reconcile', now(), '2026-11-28T02:41:00Z') ON CONFLICT (identifier) DO UPDATE SET last_execution = EXCLUDED.last_execution`,
  );
  await sql(
    "INSERT INTO sync_facts (name, value, updated_at) VALUES ('due alerts', '{}', '2026-11-28T10:00:00Z')",
  );
  const { data } = await send("{ schedules { task when lastRunAt } }");
  const found = new Map(data.schedules.map((each: { task: string }) => [each.task, each]));
  expect([...found.keys()]).toEqual(schedules.map(({ task }) => task));
  expect(found.get("reconcile")).toEqual({
    ...{ task: "reconcile", when: "Daily at 02:41 UTC", lastRunAt: "2026-11-28T02:41:00.000Z" },
  });
  expect(found.get("alerts")).toMatchObject({ lastRunAt: "2026-11-28T10:00:00.000Z" });
  expect(found.get("archive")).toMatchObject({ lastRunAt: null });
});
