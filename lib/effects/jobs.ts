/**
 * The queue of effects: the SQL that claims and settles jobs, and renews their leases. A job is pending until it is done or a
 * dead letter. A runner holds a claimed job by a lease, which it renews. After a runner dies, another runner takes over its jobs.
 */
import { z } from "zod";
import { database } from "../db";
import type { AnyEffect } from "./effect";
import { changeKinds, type EffectTable, effectTables, readChanged, readObject } from "./object";

/** How long a lease lasts without renewal, in ms. */
export const LEASE_MS = 10_000;

const isPending = "done_at IS NULL AND dead_at IS NULL";

const state = z.record(z.string(), z.unknown()).nullable();
const jobShape = z.object({
  id: z.string(),
  handler: z.string(),
  object_table: z.enum(effectTables),
  object_id: z.string(),
  change: z.enum(changeKinds),
  cause: z.enum(["webhook", "provisioning", "account", "reconciliation", "backfill", "replay"]),
  key: z.string(),
  previous: state,
  current: state,
  changed: z.array(z.string()),
  occurred_at: z.date(),
  attempts: z.number(),
  svix_id: z.string().nullable(),
});
export type Job = z.output<typeof jobShape>;

const jobColumns = Object.keys(jobShape.shape)
  .map((name) => (name === "id" ? "j.id::text" : `j.${name}`))
  .join(", ");

/** Thrown for a job whose stored object versions were cleared. They are cleared when the user is deleted. */
class VersionsCleared extends Error {
  override name = "VersionsCleared";
}

function required(version: Job["current"]): Record<string, unknown> {
  if (version === null) throw new VersionsCleared("a job without its versions");
  return version;
}

function effectOn<T extends EffectTable>(table: T, job: Job, signal: AbortSignal) {
  const common = { table, key: job.key, cause: job.cause, occurredAt: job.occurred_at, signal };
  const read = (version: Job["current"]) => readObject(table, required(version));
  const noneChanged: [] = [];
  switch (job.change) {
    case "created":
      return {
        ...common,
        change: job.change,
        previous: null,
        current: read(job.current),
        changed: noneChanged,
      };
    case "updated":
      return {
        ...common,
        change: job.change,
        previous: read(job.previous),
        current: read(job.current),
        changed: readChanged(table, job.changed),
      };
    case "deleted":
      return {
        ...common,
        change: job.change,
        previous: read(job.previous),
        current: null,
        changed: noneChanged,
      };
  }
}

/** Builds the argument of the job's handler. @throws VersionsCleared or UnreadableVersion */
export function effectOf(job: Job, signal: AbortSignal): AnyEffect {
  switch (job.object_table) {
    case "users":
      return effectOn(job.object_table, job, signal);
    case "organizations":
      return effectOn(job.object_table, job, signal);
    case "memberships":
      return effectOn(job.object_table, job, signal);
    case "invitations":
      return effectOn(job.object_table, job, signal);
  }
}

/**
 * How many more calls of each handler may start now. `handlers` has this number by the handler's name. `families` has it by the
 * family's prefix; it applies to each member of the family that `handlers` does not list.
 */
export type Slots = { handlers: Map<string, number>; families: Map<string, number> };

/**
 * Claims due jobs whose object has no earlier pending job of the same handler. Selects jobs for each handler separately, so that
 * neither one handler's long queue nor the jobs of a removed handler delay the other handlers.
 */
const claimSql = `
  WITH slots AS (
    SELECT * FROM unnest($1::text[], $2::int[]) AS h (handler, free)
    UNION ALL
    SELECT DISTINCT s.handler, f.free FROM unnest($3::text[], $4::int[]) AS f (prefix, free)
    JOIN effect_subscribers s ON starts_with(s.handler, f.prefix) AND s.handler <> ALL ($1)
  ), due AS (
    SELECT found.id FROM slots, LATERAL (
      SELECT j.id FROM effect_jobs j
      WHERE j.handler = slots.handler AND j.done_at IS NULL AND j.dead_at IS NULL AND j.run_at <= now()
        AND (j.locked_until IS NULL OR j.locked_until < now())
        -- A job that is replayed is earlier than one that may be running.
        AND NOT EXISTS (SELECT FROM effect_jobs e
          WHERE e.handler = j.handler AND e.object_id = j.object_id AND e.done_at IS NULL AND e.dead_at IS NULL
            AND (e.id < j.id OR (e.id > j.id AND e.locked_until >= now())))
      ORDER BY j.run_at, j.id LIMIT slots.free FOR UPDATE SKIP LOCKED
    ) found
  )
  UPDATE effect_jobs j SET locked_by = $5, locked_until = now() + $6 * interval '1 ms'
  FROM due WHERE j.id = due.id RETURNING ${jobColumns}`;

export async function claimJobs(
  runner: string,
  { handlers, families }: Slots,
  leaseMs: number,
): Promise<Job[]> {
  const { rows } = await database().pool.query({
    name: "claim effects",
    text: claimSql,
    values: [
      [...handlers.keys()],
      [...handlers.values()],
      [...families.keys()],
      [...families.values()],
      runner,
      leaseMs,
    ],
  });
  return z.array(jobShape).parse(rows);
}

/**
 * Resolves to the spans of the webhooks that caused the jobs, by the svix-id of the delivery. Called only while spans are
 * recorded.
 */
export async function findTraceparents(jobs: readonly Job[]): Promise<Map<string, string>> {
  const ids = jobs.flatMap(({ svix_id }) => svix_id ?? []);
  if (ids.length === 0) return new Map();
  const { rows } = await database().pool.query<{ svix_id: string; traceparent: string }>(
    "SELECT svix_id, traceparent FROM deliveries WHERE svix_id = ANY ($1) AND traceparent IS NOT NULL",
    [ids],
  );
  return new Map(rows.map(({ svix_id, traceparent }) => [svix_id, traceparent]));
}

/**
 * Renews the leases of jobs. Resolves to the ids of the jobs that the runner still holds; the others were taken over, settled or
 * deleted.
 */
export async function renewLeases(
  runner: string,
  ids: readonly string[],
  leaseMs: number,
): Promise<Set<string>> {
  const { rows } = await database().pool.query<{ id: string }>(
    `UPDATE effect_jobs SET locked_until = now() + $3 * interval '1 ms'
     WHERE id = ANY ($2::bigint[]) AND locked_by = $1 AND ${isPending} RETURNING id::text`,
    [runner, ids, leaseMs],
  );
  return new Set(rows.map(({ id }) => id));
}

/**
 * The result of a try. The job is done if `error` is null. Otherwise it is retried after `delayMs`, or becomes a dead letter if
 * `delayMs` is null.
 */
export type Outcome = { id: string; error: string | null; delayMs: number | null };

/**
 * Writes the results of tries. Skips a job whose lease was lost: its new holder settles it. If the user was deleted, clears the
 * object versions of a job that finishes now. A trigger on `users` has cleared those of the jobs that had finished before the
 * deletion.
 */
const settleSql = `
  UPDATE effect_jobs j SET
    done_at = CASE WHEN o.error IS NULL THEN now() END,
    dead_at = CASE WHEN o.error IS NOT NULL AND o.delay_ms IS NULL THEN now() END,
    attempts = j.attempts + CASE WHEN o.error IS NULL THEN 0 ELSE 1 END,
    run_at = CASE WHEN o.delay_ms IS NULL THEN j.run_at ELSE date_trunc('milliseconds', now()) + o.delay_ms * interval '1 ms' END,
    error = o.error, locked_by = NULL, locked_until = NULL,
    previous = CASE WHEN o.error IS NULL AND erased THEN NULL ELSE j.previous END,
    current = CASE WHEN o.error IS NULL AND erased THEN NULL ELSE j.current END
  FROM unnest($2::bigint[], $3::text[], $4::float8[]) AS o (id, error, delay_ms)
  JOIN effect_jobs ours ON ours.id = o.id,
  LATERAL (SELECT EXISTS (SELECT FROM users u WHERE u.id = ours.user_id AND u.deleted)) AS gone (erased)
  WHERE j.id = o.id AND j.locked_by = $1 AND j.done_at IS NULL AND j.dead_at IS NULL`;

export async function settleJobs(runner: string, outcomes: readonly Outcome[]): Promise<void> {
  await database().pool.query({
    name: "settle effects",
    text: settleSql,
    values: [
      runner,
      outcomes.map(({ id }) => id),
      outcomes.map(({ error }) => error),
      outcomes.map(({ delayMs }) => delayMs),
    ],
  });
}
