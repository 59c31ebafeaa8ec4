import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { GET } from "@/app/api/cron/route";
import { startBackendApi } from "@/dev/testing/backend-api";
import { clerkId, event, organizationJson, userJson } from "@/dev/testing/clerk-payloads";
import { sendWebhook } from "@/dev/testing/webhook";
import { database } from "../db";
import { applyRetention } from "../sync/inbox/retention";
import { retryDelivery, settleDelivery } from "../sync/inbox/settle";
import { findVersion } from "../sync/mirror/history";
import { findHealth } from "../sync/monitoring/health";
import { drainQueue } from "./drain";
import { startWorker, type Worker } from "./start";

const secret = "a cron secret of some length";
Object.assign(process.env, {
  CRON_SECRET: secret,
  RETENTION_DAYS: "30",
  CANARY_ORGANIZATION_ID: "org_canary",
});

/** A stub of an empty Clerk instance. The scheduled reconciliation, which also runs in these tests, requests its objects. */
const clerk = await startBackendApi();
process.env.CLERK_API_URL = clerk.url;
afterAll(() => clerk.close());

const sql = (text: string, values: unknown[] = []) => database().pool.query(text, values);
const findDelivery = (svixId: string) =>
  database().prisma.delivery.findUniqueOrThrow({ where: { svixId } });
const outcomeOf = async (svixId: string) => (await findDelivery(svixId)).outcome;

/** Sends a user that violates the constraint of `poisonous`, so that the event cannot be applied. Resolves to the svix-id. */
async function sendPoison(userId = clerkId("user")) {
  const id = clerkId("msg");
  expect(
    await sendWebhook(event("user.created", userJson({ id: userId, first_name: "poison" })), {
      id,
    }),
  ).toBe(200);
  return id;
}

const poisonous = () =>
  sql("ALTER TABLE users ADD CONSTRAINT no_poison CHECK (first_name <> 'poison') NOT VALID");
const harmless = () => sql("ALTER TABLE users DROP CONSTRAINT IF EXISTS no_poison");

/** Sends a delivery that fails once. Its next try waits for the row lock that the connection `holder` holds. */
async function sendHeld() {
  await poisonous();
  const userId = clerkId("user");
  const id = await sendPoison(userId);
  await harmless();
  await sql("INSERT INTO users (id) VALUES ($1)", [userId]);
  const holder = await database().pool.connect();
  await holder.query("BEGIN");
  await holder.query("SELECT FROM users WHERE id = $1 FOR UPDATE", [userId]);
  return { id, holder };
}
const makeDue = () => sql("UPDATE graphile_worker._private_jobs SET run_at = now()");
const forgetJobs = () => sql("DELETE FROM graphile_worker._private_jobs");

const workers: Worker[] = [];
async function work() {
  workers.push(await startWorker());
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await harmless();
  await forgetJobs();
});

describe("a delivery that cannot be applied", () => {
  test("a delivery that cannot be applied is acknowledged, stored as pending with a retry job, and applied once its cause is fixed", async () => {
    await poisonous();
    const id = await sendPoison();
    expect(await findDelivery(id)).toMatchObject({
      outcome: "pending",
      error: "SQLSTATE 23514",
      settledAt: null,
      nextAttemptAt: expect.any(Date),
    });
    await harmless();
    await makeDue();
    await drainQueue();
    const delivery = await findDelivery(id);
    expect(delivery).toMatchObject({ outcome: "applied", attempts: 2, error: null });
    // The version has the time at which the delivery was received, not the later time at which it was applied.
    expect(await database().prisma.version.findMany({ where: { svixId: id } })).toMatchObject([
      { receivedAt: delivery.receivedAt },
    ]);
  });

  test("a delivery that cannot be applied becomes a dead letter after 8 tries with growing delays, and does not block later events", async () => {
    await poisonous();
    const userId = clerkId("user");
    const id = await sendPoison(userId);
    const delays: number[] = [];
    for (let tries = 1; tries < 8; tries += 1) {
      const { nextAttemptAt } = await findDelivery(id);
      delays.push(Number(nextAttemptAt) - Date.now());
      await retryDelivery(id);
    }
    expect(await findDelivery(id)).toMatchObject({ outcome: "dead", attempts: 8 });
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
    const good = event("user.updated", userJson({ id: userId, updated_at: 1_790_000_000_001 }));
    expect(await sendWebhook(good)).toBe(200);
    const user = await database().prisma.user.findUnique({ where: { id: userId } });
    expect(user).toMatchObject({ firstName: "Ada" });
  });

  test("a delivery whose transaction is rolled back adds no retry job", async () => {
    await poisonous();
    await sql(
      "ALTER TABLE deliveries ADD CONSTRAINT no_pending CHECK (outcome <> 'pending') NOT VALID",
    );
    try {
      const payload = event(
        "user.created",
        userJson({ id: clerkId("user"), first_name: "poison" }),
      );
      expect(await sendWebhook(payload)).toBe(503);
      const jobs = await sql("SELECT FROM graphile_worker._private_jobs");
      expect(jobs.rowCount).toBe(0);
    } finally {
      await sql("ALTER TABLE deliveries DROP CONSTRAINT no_pending");
    }
  });
});

describe("two workers", () => {
  test("with two workers, each job runs once", async () => {
    await poisonous();
    const ids: string[] = [];
    for (let sent = 0; sent < 60; sent += 1) ids.push(await sendPoison());
    await harmless();
    await makeDue();
    await Promise.all([work(), work()]);
    const where = { svixId: { in: ids }, outcome: "applied" };
    await expect
      .poll(() => database().prisma.delivery.count({ where }), { timeout: 15_000 })
      .toBe(60);
    expect(await database().prisma.delivery.count({ where: { ...where, attempts: 2 } })).toBe(60);
  });

  test("a worker does not take a slow job from another worker that still runs", async () => {
    const { id, holder } = await sendHeld();
    try {
      await work();
      await makeDue();
      const locked = async () =>
        (
          await sql(
            "SELECT locked_by, attempts FROM graphile_worker.jobs WHERE task_identifier = 'retry-delivery'",
          )
        ).rows;
      await expect
        .poll(locked, { timeout: 15_000, interval: 20 })
        .toEqual([{ locked_by: expect.any(String), attempts: 1 }]);
      const [job] = await locked();
      await sql("UPDATE graphile_worker._private_jobs SET locked_at = now() - interval '1 hour'");
      // A starting worker first unlocks the jobs of dead workers.
      await work();
      expect(await locked()).toEqual([job]);
      await holder.query("ROLLBACK");
      await expect.poll(() => outcomeOf(id), { timeout: 15_000 }).toBe("applied");
      expect(await findDelivery(id)).toMatchObject({ attempts: 2 });
    } finally {
      holder.release(true);
    }
  });

  test("within 12 s, a worker takes over the job of a worker that was killed with SIGKILL", async () => {
    const { id, holder } = await sendHeld();
    const child = spawn(process.execPath, ["--import", "tsx", "lib/command/worker.ts"], {
      stdio: "ignore",
    });
    try {
      await makeDue();
      const locked =
        "SELECT FROM graphile_worker.jobs WHERE locked_by IS NOT NULL AND task_identifier = 'retry-delivery'";
      await expect
        .poll(async () => (await sql(locked)).rowCount, { timeout: 20_000, interval: 20 })
        .toBe(1);
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      // Ends the statement of the killed worker, which Postgres would continue to run.
      await sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
      );
      await holder.query("ROLLBACK");
      expect(await outcomeOf(id)).toBe("pending");
      const killedAt = Date.now();
      await work();
      await expect.poll(() => outcomeOf(id), { timeout: 15_000 }).toBe("applied");
      expect(Date.now() - killedAt).toBeLessThan(12_000);
    } finally {
      child.kill("SIGKILL");
      holder.release();
    }
  }, 60_000);
});

describe("the cron route", () => {
  const call = (authorization?: string) =>
    GET(
      new Request("https://rollcall.test/api/cron", {
        headers: authorization ? { authorization } : {},
      }),
    );

  test("the cron route responds with 401 without the secret or with a wrong one", async () => {
    expect((await call()).status).toBe(401);
    expect((await call(`Bearer ${secret}x`)).status).toBe(401);
  });

  test("the cron route runs pending jobs, and each periodic task once when it is due", async () => {
    clerk.organizations = [{ ...organizationJson({ id: "org_canary" }), created_at: 1 }];
    await sql("DELETE FROM sync_facts WHERE name LIKE 'due %'");
    await sql("TRUNCATE sync_runs, canary_rounds CASCADE");
    await poisonous();
    const id = await sendPoison();
    await harmless();
    for (const days of [29, 31]) {
      await sendWebhook(event("unheard.of", { id: `x_${days}` }), { id: `msg_${days}` });
      await sql(
        "UPDATE deliveries SET received_at = now() - $1 * interval '1 day' WHERE svix_id = $2",
        [days, `msg_${days}`],
      );
    }
    await makeDue();
    expect((await call(`Bearer ${secret}`)).status).toBe(200);
    expect(await outcomeOf(id)).toBe("applied");
    expect((await findDelivery("msg_29")).body).not.toBeNull();
    expect((await findDelivery("msg_31")).body).toBeNull();
    const { prisma } = database();
    expect(await prisma.syncRun.findMany()).toMatchObject([{ trigger: "schedule" }]);
    expect(await prisma.canaryRound.findMany()).toMatchObject([{ acceptedAt: expect.any(Date) }]);
    const ran = () => sql("SELECT updated_at FROM sync_facts WHERE name = 'due retention'");
    const first = (await ran()).rows;
    expect(first).toHaveLength(1);
    await makeDue();
    await call(`Bearer ${secret}`);
    expect((await ran()).rows).toEqual(first);
    // Calls of the cron route count as a worker's heartbeat for 3 minutes, so that one missed call causes no finding.
    await sql("DELETE FROM sync_facts WHERE name = 'worker'");
    const soon = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    expect((await findHealth(soon(2))).figures?.worker).toEqual({
      isWorkerRunning: true,
      workerHeartbeatAt: expect.any(Date),
    });
    expect((await findHealth(soon(4))).figures?.worker.isWorkerRunning).toBe(false);
    // The second call of the cron route has checked the canary round.
    expect(await prisma.canaryRound.findMany()).toMatchObject([{ fault: expect.any(String) }]);
  });
});

test("a worker that was off at the hour of a daily task runs the task once when it starts", async () => {
  const schedule = (task: string, lastRun: string) =>
    sql(
      `INSERT INTO graphile_worker._private_known_crontabs (identifier, known_since, last_execution)
       VALUES ($1, now() - interval '9 days', now() - $2::interval)
       ON CONFLICT (identifier) DO UPDATE
       SET known_since = EXCLUDED.known_since, last_execution = EXCLUDED.last_execution`,
      [task, lastRun],
    );
  const runs = () => sql("SELECT trigger, status FROM sync_runs");
  /** Resolves when the worker has read the schedule and has therefore added a job for the retention task, which was overdue. */
  const scheduled = () =>
    expect
      .poll(async () => {
        const { rows } = await sql(
          `SELECT last_execution > now() - interval '1 day' AS "isRecent"
           FROM graphile_worker._private_known_crontabs WHERE identifier = 'retention'`,
        );
        return rows[0]?.isRecent;
      })
      .toBe(true);
  await sql("TRUNCATE users, organizations, sync_runs CASCADE");
  await schedule("retention", "3 days");
  await schedule("reconcile", "0 days");
  await work();
  await scheduled();
  expect((await runs()).rows).toEqual([]);
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await schedule("retention", "3 days");
  await schedule("reconcile", "3 days");
  await Promise.all([work(), work()]);
  await scheduled();
  const done = [{ trigger: "schedule", status: "done" }];
  await expect.poll(async () => (await runs()).rows, { timeout: 10_000 }).toEqual(done);
  await expect.poll(async () => (await sql("SELECT FROM graphile_worker.jobs")).rowCount).toBe(0);
  expect((await runs()).rows).toEqual(done);
});

test("a paused reconciliation is resumed after 15 minutes, not with the next day's schedule", async () => {
  await sql("DELETE FROM graphile_worker._private_jobs");
  await sql("SELECT graphile_worker.add_job('reconcile', job_key => 'reconcile')");
  clerk.intercept = (response) => {
    response.writeHead(401, { "content-type": "application/json" }).end('{"errors":[]}');
    return true;
  };
  await drainQueue();
  clerk.intercept = null;
  const { rows } = await sql(
    "SELECT extract(epoch FROM run_at - now())::int AS seconds FROM graphile_worker.jobs WHERE task_identifier = 'reconcile'",
  );
  expect(rows).toHaveLength(1);
  expect(rows[0].seconds).toBeGreaterThan(14 * 60);
  expect(rows[0].seconds).toBeLessThanOrEqual(15 * 60);
});

test("the retention task deletes intents that expired more than a day ago", async () => {
  const made = (id: string, hours: number) =>
    sql(
      `INSERT INTO intents (id, secret_digest, action, args, expires_at)
       VALUES ($1, decode('00', 'hex'), 'wishlist.add', '{}', now() - $2 * interval '1 h')`,
      [id, hours],
    );
  const [old, recent] = [randomUUID(), randomUUID()];
  await made(old, 25);
  await made(recent, 23);
  await sql("SELECT graphile_worker.add_job('retention')");
  await drainQueue();
  expect((await sql("SELECT id FROM intents")).rows).toEqual([{ id: recent }]);
});

describe("retention", () => {
  // Past the retention of 90 days and the end of the week in which these tests run.
  const later = new Date(Date.now() + 98 * 86_400_000);

  test("retention deletes deliveries and superseded versions, and keeps the ids that detect duplicates and the newest versions", async () => {
    const id = clerkId("user");
    const first = event("user.created", userJson({ id }));
    await sendWebhook(first, { id: "msg_kept" });
    await sendWebhook(event("user.updated", userJson({ id, updated_at: 1_790_000_000_001 })));
    await applyRetention(90);
    expect((await findDelivery("msg_kept")).body).not.toBeNull();
    await applyRetention(90, later);
    const { prisma } = database();
    expect(await prisma.delivery.count()).toBe(0);
    expect(await prisma.version.count({ where: { objectId: id } })).toBe(1);
    expect(await sendWebhook(first, { id: "msg_kept" })).toBe(200);
    expect(await prisma.delivery.count()).toBe(0);
  });

  test("retention keeps a version that was superseded within the retention period, because it is the state as of a day in that period", async () => {
    const id = clerkId("user");
    const at = 1_790_000_000_000;
    await sendWebhook(event("user.created", userJson({ id, first_name: "Old" }), at));
    const young = userJson({ id, first_name: "Young", updated_at: at + 5 });
    await sendWebhook(event("user.updated", young, at + 5));
    await sql(
      "UPDATE versions SET received_at = now() - interval '100 days' WHERE object_id = $1 AND version <= $2",
      [id, at],
    );
    await applyRetention(90);
    expect(await findVersion(id, { asOf: new Date(at + 1) })).toMatchObject({
      state: { first_name: "Old" },
    });
  });

  test("retention deletes the body of a pending delivery in a later run, after it was applied", async () => {
    await poisonous();
    const id = await sendPoison();
    await harmless();
    await sql("UPDATE deliveries SET received_at = now() - interval '40 days' WHERE svix_id = $1", [
      id,
    ]);
    await sendWebhook(event("unheard.of", { id: "x_day" }), { id: "msg_day" });
    await sql("UPDATE deliveries SET received_at = now() - interval '35 days' WHERE svix_id = $1", [
      "msg_day",
    ]);
    await sql("DELETE FROM sync_facts WHERE name = 'retention'");
    await applyRetention(30);
    expect((await findDelivery(id)).body).not.toBeNull();
    await settleDelivery(id);
    await applyRetention(30);
    expect(await findDelivery(id)).toMatchObject({ body: null, outcome: "applied" });
    expect((await findDelivery("msg_day")).body).toBeNull();
  });
});
