/**
 * Tests two installations of Rollcall in one database. The tables of the installation under test are in the schema `second`.
 * Neither installation may use the job queue, the triggers or the advisory locks of the other.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { askGraphQL } from "@/dev/testing/graphql";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { sendWebhook } from "@/dev/testing/webhook";
import { migrate } from "../../prisma/migrate";
import { database } from "../db";
import { rebuildAndCompare } from "../sync/inbox/rebuild";
import { takeLease } from "../sync/reconcile/runs";
import { drainQueue } from "./drain";

const url = `${process.env.DATABASE_URL}?schema=second`;
process.env.DATABASE_URL = url;

/** A stub of an empty Clerk instance. The scheduled reconciliation, which also runs in these tests, requests its objects. */
const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const jobsOf = async (queue: string) =>
  (await sql(`SELECT task_identifier AS task FROM ${queue}.jobs`)).rows.map(({ task }) => task);

beforeAll(() => migrate(url));

/**
 * Sends an event whose user violates a constraint, so that the delivery stays pending, and then drops the constraint. Resolves to
 * the svix-id of the delivery.
 */
async function sendRefused(): Promise<string> {
  await sql("ALTER TABLE users ADD CONSTRAINT planted CHECK (first_name <> 'refused') NOT VALID");
  const svixId = clerkId("msg");
  const user = userJson({ id: clerkId("user"), first_name: "refused" });
  expect(await sendWebhook(event("user.created", user), { id: svixId })).toBe(200);
  await sql("ALTER TABLE users DROP CONSTRAINT planted");
  return svixId;
}

const outcomeOf = async (svixId: string) =>
  (await database().prisma.delivery.findUnique({ where: { svixId } }))?.outcome;

test("a retry is added to the job queue of its own schema, and the worker of that schema runs it", async () => {
  const svixId = await sendRefused();
  expect(await outcomeOf(svixId)).toBe("pending");
  expect(await jobsOf("graphile_worker_second")).toContain("retry-delivery");
  expect(await jobsOf("graphile_worker")).toEqual([]);
  await sql("UPDATE graphile_worker_second._private_jobs SET run_at = now()");
  await drainQueue();
  expect(await outcomeOf(svixId)).toBe("applied");
  expect(await jobsOf("graphile_worker")).toEqual([]);
});

test("a deleted user's erasure is added to the job queue of its own schema, and only add_queue_job names a queue", async () => {
  const id = clerkId("user");
  await sendWebhook(event("user.created", userJson({ id })));
  await sendWebhook(event("user.deleted", deletedJson(id)));
  expect(await jobsOf("graphile_worker_second")).toContain("erase");
  expect(await jobsOf("graphile_worker")).toEqual([]);
  const { rows } = await sql(
    "SELECT DISTINCT proname AS name FROM pg_proc WHERE prosrc LIKE '%graphile\\_worker%.add\\_job(%' AND pronamespace <> 'graphile_worker'::regnamespace AND pronamespace <> 'graphile_worker_second'::regnamespace",
  );
  expect(rows).toEqual([{ name: "add_queue_job" }]);
});

test("migrate creates a missing job queue, and adds the retries of pending deliveries to it", async () => {
  await sendRefused();
  await sql("DROP SCHEMA graphile_worker_second CASCADE");
  await migrate(url);
  expect(await jobsOf("graphile_worker_second")).toEqual(["retry-delivery"]);
});

test("a rebuild from the inbox equals the mirror of its schema", async () => {
  await sendWebhook(event("user.created", userJson({ id: clerkId("user") })));
  const { replayed, tables } = await rebuildAndCompare();
  expect(replayed).toBeGreaterThan(0);
  expect(tables.filter(({ isEqual }) => !isEqual)).toEqual([]);
});

test("a reconciliation starts while a reconciliation of another schema is running", async () => {
  const other = await database().pool.connect();
  await other.query("SELECT pg_advisory_lock(1937336931)");
  const lease = await takeLease();
  await expect(takeLease()).rejects.toThrow(/Another reconciliation is running/);
  await lease.release();
  await other.query("SELECT pg_advisory_unlock(1937336931)");
  other.release();
});

test("the lists of the console and their counts come from the tables of their own schema", async () => {
  await listening();
  const admin = clerkId("user");
  await mirrorAdmin(admin);
  // With two rows, one page is not the whole list, so the count needs a statement.
  for (const id of [clerkId("user"), clerkId("user")]) await mirrorUser(id);
  for (const id of [clerkId("org"), clerkId("org")]) await mirrorOrganization(id);
  await caughtUp();
  // A statement on the tables of the other installation fails from here on.
  await sql(`DO $$ DECLARE name text; BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
      EXECUTE format('DROP TABLE IF EXISTS public.%I CASCADE', name);
    END LOOP;
  END $$`);
  const lists = ["users", "organizations", "invitations", "deliveries", "erasures", "auditEntries"];
  const fields = lists.map((list) => `${list}(first: 1) { count { number precision } }`);
  const { data, errors } = await askGraphQL({ sub: admin }, `{ ${fields.join(" ")} }`);
  expect(errors).toBeUndefined();
  const { rows } = await sql("SELECT count(*)::int AS number FROM second.users WHERE NOT deleted");
  expect(data.users.count).toEqual({ ...rows[0], precision: "EXACT" });
});
