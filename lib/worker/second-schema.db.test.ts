/**
 * Two Rollcalls in one database: the tables of this one are in the schema `second`. Their job queues, triggers and advisory locks
 * must not meet.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, deletedJson, event, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { migrate } from "../../prisma/migrate";
import { database } from "../db";
import { takeLease } from "../sync/reconcile/runs";
import { drainQueue } from "./drain";

const url = `${process.env.DATABASE_URL}?schema=second`;
process.env.DATABASE_URL = url;

/** The scheduled reconciliation runs too, against this stub of an empty Clerk instance. */
const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const jobsOf = async (queue: string) =>
  (await sql(`SELECT task_identifier AS task FROM ${queue}.jobs`)).rows.map(({ task }) => task);

beforeAll(() => migrate(url));

/** Sends a user that the database refuses until the constraint is dropped. */
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

test("a retry is queued in the queue of its schema, and the worker of that schema runs it", async () => {
  const svixId = await sendRefused();
  expect(await outcomeOf(svixId)).toBe("pending");
  expect(await jobsOf("graphile_worker_second")).toContain("retry-delivery");
  expect(await jobsOf("graphile_worker")).toEqual([]);
  await sql("UPDATE graphile_worker_second._private_jobs SET run_at = now()");
  await drainQueue();
  expect(await outcomeOf(svixId)).toBe("applied");
  expect(await jobsOf("graphile_worker")).toEqual([]);
});

test("a deleted user's erasure is queued in the queue of its schema, and no function but one names a queue", async () => {
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

test("migrate adds the retries of pending deliveries to a new queue", async () => {
  await sendRefused();
  await sql("DROP SCHEMA graphile_worker_second CASCADE");
  await migrate(url);
  expect(await jobsOf("graphile_worker_second")).toEqual(["retry-delivery"]);
});

test("a reconciliation may run while one of the other schema runs", async () => {
  const other = await database().pool.connect();
  await other.query("SELECT pg_advisory_lock(1937336931)");
  const lease = await takeLease();
  await expect(takeLease()).rejects.toThrow(/Another reconciliation is running/);
  await lease.release();
  await other.query("SELECT pg_advisory_unlock(1937336931)");
  other.release();
});
