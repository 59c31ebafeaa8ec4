/** The Overview's figures through the API: the buckets, who may read them, and that an index serves each statement. */
import { beforeAll, expect, test } from "vitest";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { explain } from "@/dev/testing/plan";
import { database } from "../db";
import { bucketsSql } from "./figures";

const admin = clerkId("user");
const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);

beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await caughtUp();
  await sql("UPDATE users SET created_at = now() - interval '100 days', last_active_at = NULL");
  await sql(
    `INSERT INTO users (id, version, created_at, last_active_at, deleted)
     SELECT 'user_' || n, 1, now() - (n / 2) * interval '1 day', now() - n * interval '1 day', n = 1
     FROM generate_series(0, 5) n`,
  );
  await sql("TRUNCATE deliveries");
  await sql(
    `INSERT INTO deliveries (svix_id, sha256, outcome, received_at)
     SELECT 'msg_' || n, '\\x00', CASE WHEN n < 2 THEN 'dead' ELSE 'applied' END, now() - (n / 3) * interval '1 h'
     FROM generate_series(0, 8) n`,
  );
  await sql(
    `INSERT INTO bulk_acts (name, actor_id, state) VALUES ('user.ban', $1, 'paused'), ('user.ban', $1, 'done')`,
    [admin],
  );
  await sql(
    `INSERT INTO acts (name, actor_id, object_kind, state, requested_at) VALUES
       ('user.ban', $1, 'user', 'unanswered', now()), ('user.ban', $1, 'user', 'unanswered', now() - interval '3 days'),
       ('user.ban', $1, 'user', 'sent', now() - interval '1 h'), ('user.ban', $1, 'user', 'sent', now())`,
    [admin],
  );
});

const buckets = "{ start values countedSince }";
const figures = `{ consoleFigures {
  signUpsPerDay ${buckets} lastActivePerDay ${buckets} eventsPerHour ${buckets} failuresPerHour ${buckets}
  openActs { pausedBulk unanswered withoutWebhook } } }`;

test("sign-ups, last activity, events and failures are counted in buckets, and open acts are found", async () => {
  const { data } = await askGraphQL({ sub: admin }, figures);
  const { signUpsPerDay, lastActivePerDay, eventsPerHour, failuresPerHour, openActs } =
    data.consoleFigures;
  expect(signUpsPerDay.values).toHaveLength(90);
  expect(signUpsPerDay.values.slice(-4)).toEqual([0, 2, 2, 2]);
  expect(lastActivePerDay.values.slice(-7)).toEqual([0, 1, 1, 1, 1, 1, 1]);
  expect(eventsPerHour.values.slice(-4)).toEqual([0, 3, 3, 3]);
  expect(failuresPerHour.values.slice(-2)).toEqual([0, 2]);
  expect(eventsPerHour.countedSince).toBeNull();
  expect(new Date(signUpsPerDay.start).toISOString()).toMatch(/T00:00:00\.000Z$/);
  expect(openActs).toEqual({ pausedBulk: 1, unanswered: 1, withoutWebhook: 1 });
});

test("members may not read the figures", async () => {
  const { errors } = await askGraphQL({ sub: "user_0" }, figures);
  expect(errors[0].extensions.code).toBe("FORBIDDEN");
});

test.each([
  ["users", "users_created_at_id_idx"],
  ["organizations", "organizations_created_at_id_idx"],
  ["active", "users_last_active_at_id_idx"],
  ["deliveries", "deliveries_received_at_svix_id_idx"],
] as const)("the statement for %s reads %s in its order, without a sort", async (source, index) => {
  const client = await database().pool.connect();
  try {
    await client.query("BEGIN");
    // With a few rows, Postgres would read the whole table.
    await client.query("SET LOCAL enable_seqscan = off");
    await client.query("SET LOCAL enable_bitmapscan = off");
    const day = 86_400_000;
    const values = [new Date(Date.now() - 30 * day), day, new Date()];
    const plan = await explain(client, bucketsSql(source), values);
    expect(plan).toContain(index);
    // The only sort is that of the groups, above the limit.
    expect(plan.slice(plan.indexOf("Limit"))).not.toContain("Sort");
  } finally {
    await client.query("ROLLBACK");
    client.release();
  }
});
