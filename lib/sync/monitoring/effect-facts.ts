/** The facts about the queue of effects (lib/effects), read from its tables. */
import { z } from "zod";
import { database } from "../../db";
import type { Facts } from "./facts";

/**
 * A worker subscribes its handlers every 30 min. A handler that was not subscribed for longer than this is in no running release.
 */
const SEEN_WITHIN = "2 hours";

const factsShape = z.object({
  dead: z
    .object({
      count: z.number(),
      handler: z.string(),
      error: z.string().nullable(),
      oldestAt: z.coerce.date(),
    })
    .nullable(),
  due: z.object({ count: z.number(), handler: z.string(), since: z.coerce.date() }).nullable(),
  unhandled: z
    .object({ count: z.number(), handler: z.string(), oldestAt: z.coerce.date() })
    .nullable(),
});

/**
 * Each count covers all handlers; the name is that of the handler with the oldest job. A job is not counted as due while an
 * earlier job of the same object is pending, because that earlier job may wait for its next try. The conditions are those of the
 * partial indexes.
 */
const text = `
  WITH pending AS (
    SELECT id, handler, object_id, run_at, created_at, EXISTS (
      SELECT FROM effect_subscribers s WHERE s.handler = j.handler AND s.seen_at > $1::timestamptz - interval '${SEEN_WITHIN}'
    ) AS is_handled
    FROM effect_jobs j WHERE done_at IS NULL AND dead_at IS NULL AND handler NOT LIKE '%:%'
  )
  SELECT
    (SELECT jsonb_build_object('count', count(*), 'handler', (array_agg(handler ORDER BY dead_at))[1],
      'error', (array_agg(error ORDER BY dead_at))[1], 'oldestAt', min(dead_at))
      FROM effect_jobs WHERE dead_at IS NOT NULL AND handler NOT LIKE '%:%' HAVING count(*) > 0) AS dead,
    (SELECT jsonb_build_object('count', count(*), 'handler', (array_agg(handler ORDER BY run_at))[1], 'since', min(run_at))
      FROM pending WHERE is_handled AND run_at <= $1 AND NOT EXISTS (SELECT FROM effect_jobs e
        WHERE e.handler = pending.handler AND e.object_id = pending.object_id AND e.id < pending.id
          AND e.done_at IS NULL AND e.dead_at IS NULL)
      HAVING count(*) > 0) AS due,
    (SELECT jsonb_build_object('count', count(*), 'handler', (array_agg(handler ORDER BY created_at))[1], 'oldestAt', min(created_at))
      FROM pending WHERE NOT is_handled HAVING count(*) > 0) AS unhandled`;

export async function readEffectFacts(now: Date): Promise<Facts["effects"]> {
  const { rows } = await database().pool.query({ name: "effect facts", text, values: [now] });
  return factsShape.parse(rows[0]);
}
