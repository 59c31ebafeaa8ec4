/**
 * The metrics that describe the whole system, and not one process: read from the database at each scrape. Every process reports
 * the same values, so rules and plots take their maximum. The values are those of the verdict of Health (`lib/sync/monitoring`).
 */
import { Gauge, type Registry } from "prom-client";
import { z } from "zod";
import { database } from "../db";
import { listenerState } from "../live/listener";
import type { Figures, Health } from "../sync/monitoring/health";

const queueShape = z.object({
  ready: z.number(),
  running: z.number(),
  failed: z.number(),
  dead: z.number(),
  oldestReadySeconds: z.number().nullable(),
});
type Queue = z.output<typeof queueShape>;

/** Counts the jobs of Graphile Worker. A job that was ready for long waits for a worker. */
async function readQueue(): Promise<Queue> {
  const { pool } = database();
  const found = await pool.query("SELECT queue_schema() AS schema");
  const [{ schema }] = z
    .tuple([z.object({ schema: z.string().regex(/^[\w-]{1,63}$/) })])
    .parse(found.rows);
  const { rows } = await pool.query(
    `SELECT count(*) FILTER (WHERE is_ready)::int AS ready, count(*) FILTER (WHERE locked_at IS NOT NULL)::int AS running,
       count(*) FILTER (WHERE last_error IS NOT NULL AND attempts < max_attempts)::int AS failed,
       count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL)::int AS dead,
       extract(epoch FROM now() - min(run_at) FILTER (WHERE is_ready))::float8 AS "oldestReadySeconds"
     FROM (SELECT *, run_at <= now() AND locked_at IS NULL AND attempts < max_attempts AS is_ready FROM "${schema}".jobs) j`,
  );
  return queueShape.parse(rows[0]);
}

type Sample = { labels?: Record<string, string>; value: number };
type Family = { name: string; help: string; samples: Sample[] };

/** Returns a metric with one value, or with none if the value is not known. */
const single = (name: string, help: string, value: number | null | undefined): Family => ({
  name: `rollcall_${name}`,
  help,
  samples: value === null || value === undefined ? [] : [{ value }],
});

/** Returns a metric with one value for each value of a label. */
const labelled = (
  name: string,
  help: string,
  label: string,
  values: Record<string, number>,
): Family => ({
  name: `rollcall_${name}`,
  help,
  samples: Object.entries(values).map(([key, value]) => ({ labels: { [label]: key }, value })),
});

const flag = (isTrue: boolean) => (isTrue ? 1 : 0);

function familiesOf(figures: Figures, queue: Queue): Family[] {
  const { now, deliveries, worker, runs, effects, erasures, feed } = figures;
  const age = (at: Date | null | undefined) => at && (now.getTime() - at.getTime()) / 1_000;
  const { lists } = deliveries;
  return [
    single(
      "oldest_pending_delivery_age_seconds",
      "Age of the oldest delivery that is not applied yet; 0 if there is none",
      age(lists.pending.oldestAt) ?? 0,
    ),
    single(
      "event_lag_seconds",
      "From the newest settled event's time at Clerk until it was settled",
      deliveries.lagMs === null ? null : deliveries.lagMs / 1_000,
    ),
    single("last_delivery_age_seconds", "Since the newest delivery", age(deliveries.newestAt)),
    single(
      "worker_heartbeat_age_seconds",
      "Since the newest heartbeat of any worker",
      age(worker.workerHeartbeatAt),
    ),
    single("worker_running", "1 if a worker runs", flag(worker.isWorkerRunning)),
    labelled(
      "deliveries",
      "Deliveries that an admin may have to act on",
      "list",
      Object.fromEntries(Object.entries(lists).map(([list, { count }]) => [list, count])),
    ),
    labelled("queue_jobs", "Jobs of the worker", "state", {
      ready: queue.ready,
      running: queue.running,
      failed: queue.failed,
      dead: queue.dead,
    }),
    single(
      "queue_oldest_ready_age_seconds",
      "How long the oldest ready job waits for a worker; 0 if there is none",
      queue.oldestReadySeconds ?? 0,
    ),
    labelled("effect_jobs", "Jobs of effect handlers", "state", {
      due: effects.due?.count ?? 0,
      dead: effects.dead?.count ?? 0,
      unhandled: effects.unhandled?.count ?? 0,
    }),
    single(
      "effects_oldest_due_age_seconds",
      "How long the oldest due effect waits; 0 if there is none",
      age(effects.due?.since) ?? 0,
    ),
    labelled("feed_endpoints", "Endpoints of the change feed with a fault", "state", {
      disabled: feed.disabled.length,
      failing: feed.failing.length,
    }),
    single("erasures_late", "Erasures that are overdue", erasures.late?.count ?? 0),
    single("erasure_brake", "1 while erasures are paused", flag(erasures.brake !== null)),
    single("serving_refused", "1 while no data is served", flag(erasures.refusal !== null)),
    single(
      "provisionings_failed",
      "Signed-in users whose data could not be read from Clerk",
      figures.provisionings.count,
    ),
    single(
      "reconciliation_age_seconds",
      "Since the newest complete reconciliation",
      age(runs.lastDoneAt),
    ),
    single(
      "database_connections",
      "Connections to the database server",
      figures.database.connections,
    ),
    single(
      "database_connections_max",
      "The most connections that the server allows",
      figures.database.maxConnections,
    ),
    single(
      "clock_ahead_seconds",
      "This process's clock minus the database's",
      figures.database.clockAheadMs / 1_000,
    ),
  ];
}

/** The state of this process's connections. */
function connectionFamilies(): Family[] {
  const { pool } = database();
  const state = listenerState();
  return [
    labelled("pool_connections", "Connections of this process's pool", "state", {
      in_use: pool.totalCount - pool.idleCount,
      idle: pool.idleCount,
    }),
    single("pool_waiting", "Queries that wait for a connection of the pool", pool.waitingCount),
    single("pool_connections_max", "The most connections of the pool", pool.options.max),
    single(
      "live_connected",
      "1 if this process receives the database's notifications; absent before the first use",
      state && flag(state.isListening),
    ),
  ];
}

function findingFamily({ findings }: Health): Family {
  return {
    name: "rollcall_finding",
    help: "1 for each finding of Health; the page Sync has its sentence and remedy",
    samples: findings.map(({ code, state }) => ({ labels: { code, state }, value: 1 })),
  };
}

function pipelineFamily({ pipeline }: Health): Family {
  return {
    name: "rollcall_pipeline_stage",
    help: "1 if a stage between Clerk and the mirror works, 0 if it is broken; absent while it is not known",
    samples: pipeline.flatMap(({ name, state }) =>
      state === "unknown" ? [] : [{ labels: { stage: name }, value: flag(state === "working") }],
    ),
  };
}

/** Reads the state of the system. While the database does not answer, only `rollcall_database_up` and this process's state. */
async function readState(health: Health): Promise<Family[]> {
  const { figures } = health;
  const queue = figures && (await readQueue().catch(() => null));
  const isUp = queue !== null && figures !== null;
  return [
    single("database_up", "1 if the database answers", flag(isUp)),
    ...(isUp ? [...familiesOf(figures, queue), pipelineFamily(health)] : []),
    findingFamily(health),
    ...connectionFamilies(),
  ];
}

/** Registers the state of the system, in place of the state of the scrape before. */
export async function registerState(register: Registry, health: Health): Promise<void> {
  for (const { name, help, samples } of await readState(health)) {
    register.removeSingleMetric(name);
    const labelNames = Object.keys(samples[0]?.labels ?? {});
    const gauge = new Gauge({ name, help, labelNames, registers: [register] });
    // A metric without labels begins at 0, which an unknown value is not.
    gauge.reset();
    if (samples.length === 0) register.removeSingleMetric(name);
    for (const { labels = {}, value } of samples) gauge.set(labels, value);
  }
}
