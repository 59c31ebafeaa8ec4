/** The tasks of the background worker, and their schedule. The functions that the tasks call are in other folders. */
import { SpanKind } from "@opentelemetry/api";
import type { CronItem, Task, TaskList } from "graphile-worker";
import { z } from "zod";
import { clearStoppedBulk, runBulk } from "../acts/bulk";
import { settleActs } from "../acts/settle";
import { database } from "../db";
import { registry } from "../effects/handlers";
import { deleteSettledJobs } from "../effects/retention";
import { unsubscribeRemoved } from "../effects/subscribers";
import { env } from "../env";
import { archiveWaitingPurchases, purgeDueEntries } from "../erasure/archive-retention";
import { runErasures } from "../erasure/erase";
import { reapplyErasures } from "../erasure/restore";
import { verifyAllReceipts } from "../erasure/verified";
import { retryProvisionings } from "../identity/provision-retry";
import { deleteExpiredIntents } from "../intents/retention";
import { log } from "../log";
import { deleteReleasedHandles } from "../social/profiles"; // part of the sample product
import { createPartitions } from "../sync/inbox/partitions";
import { redactStoredOrigins } from "../sync/inbox/redact-stored";
import { applyRetention } from "../sync/inbox/retention";
import { retryDelivery } from "../sync/inbox/settle";
import { noteAllMemberCounts, refreshMemberCounts } from "../sync/mirror/member-counts";
import { sendAlerts } from "../sync/monitoring/alerts";
import { checkCanary, startCanary } from "../sync/monitoring/canary";
import { findHealth } from "../sync/monitoring/health";
import { schedules } from "../sync/monitoring/schedules";
import { reconcile } from "../sync/reconcile/reconcile";
import { LeaseTaken } from "../sync/reconcile/runs";
import { metrics, secondsSince } from "../telemetry/metrics";
import { withSpan } from "../telemetry/tracing";
import { runErasureCalls } from "./erasure-calls";

const retry = z.object({ svixId: z.string() });
const bulk = z.object({ bulkId: z.uuid() });
const round = z.object({ roundId: z.string().regex(/^\d+$/) });

/** The payload of the task `reconcile`. A scheduled run has no payload, and is a repair. */
const reconciliation = z
  .object({ mode: z.enum(["dry-run", "repair"]), trigger: z.enum(["schedule", "console"]) })
  .catch({ mode: "repair", trigger: "schedule" });

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const RESUME_AFTER_MS = 15 * MINUTE;

const untraced = {
  "retry-delivery": (payload) => retryDelivery(retry.parse(payload).svixId),
  alerts: () => sendAlerts(findHealth),
  canary: () => startCanary(),
  "check-canary": (payload) => checkCanary(BigInt(round.parse(payload).roundId)),
  reconcile: async (payload, { abortSignal, addJob }) => {
    const requested = reconciliation.parse(payload);
    try {
      const { runId, status, reason } = await reconcile({ ...requested, signal: abortSignal });
      log[status === "done" ? "info" : "warn"]("reconciliation ended", {
        runId: Number(runId),
        status,
        reason,
      });
      // Resumes a paused run soon, instead of at the next day's schedule.
      if (status === "paused") {
        const runAt = new Date(Date.now() + RESUME_AFTER_MS);
        await addJob("reconcile", requested, { runAt, jobKey: "reconcile", maxAttempts: 3 });
      }
    } catch (error) {
      // LeaseTaken: another run is in progress, for example one started by hand, so this run is not needed.
      if (!(error instanceof LeaseTaken)) throw error;
    }
  },
  "retry-provisionings": async (_payload, { abortSignal }) => {
    await retryProvisionings(abortSignal);
  },
  "bulk-act": (payload, { abortSignal }) =>
    runBulk(bulk.parse(payload).bulkId, abortSignal ? { signal: abortSignal } : {}),
  "settle-acts": () => settleActs(),
  "count-members": () => refreshMemberCounts(),
  erase: async (_payload, { addJob }) => {
    // A restore of a backup may have replaced the database while this worker was running.
    await reapplyErasures().catch((error) => log.error("erasure: the head", {}, error));
    const times = [await runErasures(), await runErasureCalls()].filter((time) => time !== null);
    const next = times.sort((a, b) => a.getTime() - b.getTime())[0];
    if (next) await addJob("erase", {}, { runAt: next, jobKey: "erase", maxAttempts: 3 });
  },
  archive: async (_payload, { addJob }) => {
    await purgeDueEntries();
    const { fault } = await verifyAllReceipts();
    if (fault !== null) log.error("erasure: the chain of receipts is broken", { fault }, null);
    if ((await archiveWaitingPurchases()) === 0) return;
    await addJob("erase", {}, { maxAttempts: 3 });
    // More erasures may wait for the archive than fit into one run.
    await addJob("archive", {}, { runAt: new Date(Date.now() + MINUTE), maxAttempts: 3 });
  },
  retention: async () => {
    await clearStoppedBulk();
    await noteAllMemberCounts();
    await redactStoredOrigins();
    await createPartitions(env().partitionInterval);
    await applyRetention(env().retentionDays);
    await deleteSettledJobs(env().retentionDays);
    await unsubscribeRemoved(registry);
    await deleteExpiredIntents(database().pool);
    await deleteReleasedHandles(database().pool); // part of the sample product
  },
} satisfies TaskList;

/** Makes each run of a task a span of its own trace, and measures it. */
function observed(name: string, task: Task): Task {
  return (payload, helpers) =>
    withSpan(`job ${name}`, { root: true, kind: SpanKind.CONSUMER }, async () => {
      const startedAt = performance.now();
      const end = (result: "done" | "failed") =>
        metrics()?.jobs.observe({ task: name, result }, secondsSince(startedAt));
      try {
        const result = await task(payload, helpers);
        end("done");
        return result;
      } catch (error) {
        end("failed");
        throw error;
      }
    });
}

export const tasks: TaskList = Object.fromEntries(
  Object.entries<Task>(untraced).map(([name, task]) => [name, observed(name, task)]),
);

type Periodic = { task: keyof typeof untraced; cron: string; everyMs: number };

export const periodic: Periodic[] = schedules;

/** A worker that starts after the hour of a daily task runs the task at once, if no worker ran at that hour. */
export const cronItems: CronItem[] = periodic.map(({ task, cron, everyMs }) => ({
  task: String(task),
  match: cron,
  options: {
    jobKey: String(task),
    maxAttempts: 3,
    backfillPeriod: everyMs === DAY ? DAY : 0,
  },
}));
