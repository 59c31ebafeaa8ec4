/** Counts the jobs of each handler by state, for `npm run effects -- list`. */
import { z } from "zod";
import { database } from "../db";
import { changeKinds, effectTables } from "./object";
import { findHandler, type Registry } from "./registry";

const rowShape = z.object({
  handler: z.string(),
  subscriptions: z.array(z.object({ table: z.enum(effectTables), change: z.enum(changeKinds) })),
  pending: z.number(),
  oldest: z.date().nullable(),
  dead: z.number(),
  done: z.number(),
});

type HandlerSummary = z.output<typeof rowShape> & {
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
         min(created_at) FILTER (WHERE done_at IS NULL AND dead_at IS NULL) AS oldest,
         count(dead_at)::int AS dead, count(done_at)::int AS done
       FROM effect_jobs GROUP BY handler
     ), named AS (
       SELECT unnest($1::text[]) AS handler UNION SELECT handler FROM subscribed UNION SELECT handler FROM queued
     )
     SELECT handler, coalesce(s.list, '[]') AS subscriptions, coalesce(q.pending, 0) AS pending, q.oldest,
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
