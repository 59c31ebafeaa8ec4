/**
 * The worker for a host without a long-running process. Each call of the cron route runs the due jobs and effects, and returns.
 */
import { EventEmitter } from "node:events";
import { runOnce, type WorkerEvents } from "graphile-worker";
import type pg from "pg";
import { registry } from "../effects/handlers";
import { EffectRunner } from "../effects/runner";
import { subscribeHandlers } from "../effects/subscribers";
import { writeHoldSettings } from "../erasure/hold";
import { reapplyErasures } from "../erasure/restore";
import { holdPoolLock, recordHeartbeat, unlockDeadPools } from "./heartbeat";
import { findQueueSchema } from "./queue-schema";
import { completeJobsImmediately, connectLockHolder, quietLogger, workerPool } from "./start";
import { periodic, tasks } from "./tasks";

/** Adds a job for each periodic task that is due. Parallel callers add only one job for each task. */
async function enqueueDueTasks(client: pg.Client): Promise<void> {
  for (const { task, everyMs } of periodic) {
    await client.query(
      `WITH due AS (
         INSERT INTO sync_facts (name, value) VALUES ('due ' || $1::text, '{}')
         ON CONFLICT (name) DO UPDATE SET updated_at = now()
         WHERE sync_facts.updated_at <= now() - $2 * interval '1 ms'
         RETURNING name
       )
       SELECT add_queue_job($1::text, max_attempts => 3, job_key => $1::text) FROM due`,
      [task, everyMs],
    );
  }
}

export async function drainQueue(): Promise<void> {
  const { client } = await connectLockHolder("rollcall cron");
  const pgPool = workerPool();
  const events: WorkerEvents = new EventEmitter();
  let held = Promise.resolve();
  events.on("pool:create", ({ workerPool }) => {
    held = holdPoolLock(client, workerPool.id);
  });
  try {
    const schema = await findQueueSchema(client);
    await unlockDeadPools(client, schema);
    await reapplyErasures();
    await writeHoldSettings(client);
    await subscribeHandlers(registry);
    await enqueueDueTasks(client);
    await recordHeartbeat(client, "worker by calls");
    await runOnce({
      pgPool,
      schema,
      taskList: tasks,
      noHandleSignals: true,
      logger: quietLogger,
      preset: completeJobsImmediately,
      events,
    });
    await held;
    await new EffectRunner(registry).runDue(new AbortController().signal);
  } finally {
    await pgPool.end();
    await client.end();
  }
}
