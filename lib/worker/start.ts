/**
 * The background worker: Graphile Worker on our own Postgres. Any number of processes may run it; each job runs in one of
 * them. A job of a killed worker (kill -9) is retried within 12 s: 5 s of grace, 5 s between sweeps, 2 s between polls.
 */
import { EventEmitter } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Logger, parseCronItems, type Runner, run, type WorkerEvents } from "graphile-worker";
import pg from "pg";
import { findDatabaseFault } from "../database-fault";
import { directConnection, ignoreConnectionErrors } from "../db";
import { registry } from "../effects/handlers";
import { EffectRunner } from "../effects/runner";
import { subscribeHandlers } from "../effects/subscribers";
import { HeadUnavailable } from "../erasure/head-store";
import { writeHoldSettings } from "../erasure/hold";
import { reapplyErasures } from "../erasure/restore";
import { UserError } from "../errors";
import { log } from "../log";
import { holdPoolLock, recordHeartbeat, unlockDeadPools } from "./heartbeat";
import { findQueueSchema } from "./queue-schema";
import { cronItems, tasks } from "./tasks";

const SWEEP_MS = 5_000;
const POLL_MS = 2_000;
const RESTART_MS = 5_000;
const CONCURRENCY = 4;

/** Logs only the task and the id of a failed job. Graphile's own messages contain the error, which may contain personal data. */
export const quietLogger = new Logger((scope) => (level) => {
  if (level === "error" || level === "warning") {
    log.warn("worker: a job or its queue failed", {
      task: scope.taskIdentifier,
      jobId: scope.jobId,
    });
  }
});

/** Makes the worker write the result of each job to the queue without delay, so that no result is lost when the worker stops. */
export const completeJobsImmediately = {
  worker: { completeJobBatchDelay: 0, failJobBatchDelay: 0 },
};

/** Opens the connection that will hold a pool's advisory lock. `lost` resolves when the connection is lost. */
export async function connectLockHolder(
  name: string,
): Promise<{ client: pg.Client; lost: Promise<void> }> {
  const client = new pg.Client(directConnection(name));
  const lost = new Promise<void>((resolve) => {
    client.on("error", () => resolve());
    client.on("end", () => resolve());
  });
  await client.connect();
  return { client, lost };
}

/**
 * Creates the worker's connection pool. When a connection breaks, a pool that Graphile creates would log that connection,
 * including the connection's secret key.
 */
export function workerPool(): pg.Pool {
  const pool = new pg.Pool({
    ...directConnection("rollcall worker"),
    max: CONCURRENCY + 2,
  });
  ignoreConnectionErrors(pool);
  return pool;
}

export type Worker = { stop(): Promise<void>; ended: Promise<void> };

/** Starts one worker pool. `ended` resolves when the pool stops, or when the connection that holds its advisory lock is lost. */
export async function startWorker(): Promise<Worker> {
  const { client, lost } = await connectLockHolder("rollcall worker");
  const events: WorkerEvents = new EventEmitter();
  let held = Promise.resolve();
  events.on("pool:create", ({ workerPool }) => {
    held = holdPoolLock(client, workerPool.id);
  });
  let runner: Runner | undefined;
  let schema = "";
  const pgPool = workerPool();
  try {
    schema = await findQueueSchema(client);
    // Runs before any job or effect, because after a restore of a backup these could use the data of erased persons.
    await reapplyErasures();
    await writeHoldSettings(client);
    await subscribeHandlers(registry);
    runner = await run({
      pgPool,
      schema,
      taskList: tasks,
      parsedCronItems: parseCronItems(cronItems),
      concurrency: CONCURRENCY,
      pollInterval: POLL_MS,
      noHandleSignals: true,
      logger: quietLogger,
      events,
      preset: completeJobsImmediately,
    });
    await held;
    await client.query("LISTEN rollcall_effects");
  } catch (error) {
    await runner?.stop();
    await pgPool.end();
    await client.end();
    throw error;
  }
  const { promise, stop } = runner;
  const sweepOrWarn = () =>
    sweep(client, schema).catch((error) => log.warn("worker: sweep failed", {}, error));
  await sweepOrWarn();
  const timer = setInterval(sweepOrWarn, SWEEP_MS);
  const stopEffects = startEffects(client);
  const poolEnded = promise.catch((error) => log.warn("worker: the pool ended", {}, error));
  return {
    ended: Promise.race([lost, poolEnded]),
    stop: async () => {
      clearInterval(timer);
      await stopEffects();
      // The connection that holds the advisory lock is closed last, because a pool without its lock counts as dead.
      await stop().catch(() => undefined);
      await poolEnded;
      await pgPool.end();
      await client.end().catch(() => undefined);
    },
  };
}

const SUBSCRIBE_MS = 30 * 60_000;

/**
 * Starts the effect runner, and wakes it when Postgres notifies this connection of a commit that added effect jobs. Returns a
 * function that stops the runner.
 */
function startEffects(client: pg.Client): () => Promise<void> {
  const runner = new EffectRunner(registry);
  const stopping = new AbortController();
  client.on("notification", () => runner.wake());
  const done = runner.run(stopping.signal);
  const timer = setInterval(() => {
    subscribeHandlers(registry).catch((error: unknown) =>
      log.warn("effects: handlers not subscribed", {}, error),
    );
  }, SUBSCRIBE_MS);
  return async () => {
    clearInterval(timer);
    stopping.abort();
    await done;
  };
}

async function sweep(client: pg.Client, schema: string): Promise<void> {
  const dead = await unlockDeadPools(client, schema);
  if (dead.length > 0)
    log.warn("worker: unlocked the jobs of dead workers", { pools: dead.length });
  await recordHeartbeat(client, "worker");
}

function explanationOf(error: unknown): string {
  const isExplained = error instanceof UserError || error instanceof HeadUnavailable;
  return isExplained ? error.message : "The cause is unknown.";
}

/** Keeps a worker running: starts a new one whenever the worker ended or could not start, such as after a lost connection. */
export function superviseWorker(): { stop(): Promise<void>; isRunning(): boolean } {
  let isRunning = false;
  const stopping = new AbortController();
  const { signal } = stopping;
  const stopRequested = new Promise<void>((resolve) =>
    signal.addEventListener("abort", () => resolve()),
  );
  const keepRunning = async () => {
    while (!signal.aborted) {
      try {
        const worker = await startWorker();
        isRunning = true;
        await Promise.race([worker.ended, stopRequested]);
        isRunning = false;
        await worker.stop();
      } catch (error) {
        const fault = findDatabaseFault(error);
        const reason = fault ? `${fault.sentence} ${fault.remedy}` : explanationOf(error);
        log.warn(`worker: cannot start, tries again every 5 s. ${reason}`, {}, error);
      }
      await sleep(RESTART_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const done = keepRunning();
  return {
    isRunning: () => isRunning,
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}
