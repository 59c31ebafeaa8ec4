/** Counts the jobs of each handler by state, for `npm run effects -- list`. */
import { z } from "zod";
import { database } from "../db";
import { changeKinds, effectTables } from "./object";
import { findHandler, type Registry } from "./registry";

const rowShape = z.object({
  handler: z.string(),
  subscriptions: z.array(z.object({ table: z.enum(effectTables), change: z.enum(changeKinds) })),
  pending: z.number(),
  late: z.number(),
  oldest: z.date().nullable(),
  dead: z.number(),
  done: z.number(),
});

/** A job that has been due for longer than this is late. A worker starts due jobs within seconds. */
const LATE_AFTER = "5 minutes";

export type HandlerSummary = z.output<typeof rowShape> & {
  /**
   * False for a handler that is missing in this release, and for a member of a family that is not subscribed. Their jobs stay
   * pending.
   */
  isRunning: boolean;
};

export async function summarizeHandlers(registry: Registry): Promise<HandlerSummary[]> {
  const { rows } = await database().pool.query(
    `WITH subscribed AS (
       SELECT handler, jsonb_agg(jsonb_build_object('table', object_table, 'change', change) ORDER BY object_table, change) AS list
       FROM effect_subscribers GROUP BY handler
     ), queued AS (
       SELECT handler, count(*) FILTER (WHERE done_at IS NULL AND dead_at IS NULL)::int AS pending,
         count(*) FILTER (WHERE done_at IS NULL AND dead_at IS NULL AND run_at < now() - interval '${LATE_AFTER}')::int AS late,
         min(created_at) FILTER (WHERE done_at IS NULL AND dead_at IS NULL) AS oldest,
         count(dead_at)::int AS dead, count(done_at)::int AS done
       FROM effect_jobs GROUP BY handler
     ), named AS (
       SELECT unnest($1::text[]) AS handler UNION SELECT handler FROM subscribed UNION SELECT handler FROM queued
     )
     SELECT handler, coalesce(s.list, '[]') AS subscriptions, coalesce(q.pending, 0) AS pending, coalesce(q.late, 0) AS late, q.oldest,
       coalesce(q.dead, 0) AS dead, coalesce(q.done, 0) AS done
     FROM named LEFT JOIN subscribed s USING (handler) LEFT JOIN queued q USING (handler) ORDER BY handler`,
    [registry.handlers.map(({ name }) => name)],
  );
  return z
    .array(rowShape)
    .parse(rows)
    .map((row) => {
      const handler = findHandler(registry, row.handler);
      const isMember = handler !== undefined && row.handler.includes(":");
      return { ...row, isRunning: isMember ? row.subscriptions.length > 0 : handler !== undefined };
    });
}

/** The maximum number of listed dead letters. */
export const LISTED_DEAD = 100;

const deadShape = z.array(
  z.object({
    id: z.string(),
    handler: z.string(),
    objectTable: z.string(),
    objectId: z.string(),
    change: z.string(),
    attempts: z.number(),
    error: z.string().nullable(),
    createdAt: z.date(),
    deadAt: z.date(),
  }),
);
export type DeadEffect = z.output<typeof deadShape>[number];

/** Resolves to the newest dead letters, of one handler or of all handlers. */
export async function findDeadEffects(handler: string | null): Promise<DeadEffect[]> {
  const { rows } = await database().pool.query(
    `SELECT id::text, handler, object_table AS "objectTable", object_id AS "objectId", change, attempts, error,
       created_at AS "createdAt", dead_at AS "deadAt"
     FROM effect_jobs WHERE dead_at IS NOT NULL AND ($1::text IS NULL OR handler = $1)
     ORDER BY dead_at DESC, id DESC LIMIT ${LISTED_DEAD}`,
    [handler],
  );
  return deadShape.parse(rows);
}
