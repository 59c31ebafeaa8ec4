/**
 * Bounds the growth of the database. After the retention period, deliveries are deleted with their partition, and superseded
 * versions row by row. The newest version of every object stays, and so does `delivery_ids`, which detects duplicates.
 */
import { database } from "../../db";
import { dropPartitions } from "./partitions";

const BATCH = 1_000;

/**
 * Empties the bodies and headers of deliveries that were received before the cutoff and before the first partition of one interval:
 * the table of an earlier release stays one partition until all its rows are past retention. Begins after the stored cursor (`mark`), so
 * that a run does not scan rows that are already empty. The cursor never passes the oldest pending delivery, whose body is still
 * needed. A delivery is pending for a few hours at most.
 */
const bodies = `
  WITH mark AS (SELECT value ->> 'at' AS at, value ->> 'svixId' AS svix_id FROM sync_facts WHERE name = 'retention'),
  old AS (
    SELECT svix_id, received_at FROM deliveries
    WHERE received_at < LEAST($1::timestamptz, (SELECT min(starts) FROM delivery_partitions()),
        (SELECT min(received_at) FROM deliveries WHERE outcome = 'pending'))
      AND (received_at, svix_id) >
      (COALESCE((SELECT at::timestamptz FROM mark), '-infinity'), COALESCE((SELECT svix_id FROM mark), ''))
    ORDER BY received_at, svix_id LIMIT ${BATCH}
  ),
  emptied AS (
    UPDATE deliveries d SET body = NULL, headers = NULL FROM old
    WHERE d.svix_id = old.svix_id AND d.outcome <> 'pending'
  ),
  marked AS (
    INSERT INTO sync_facts (name, value)
    SELECT 'retention', jsonb_build_object('at', received_at, 'svixId', svix_id) FROM old
    ORDER BY received_at DESC, svix_id DESC LIMIT 1
    ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()
  )
  SELECT count(*)::int AS count FROM old`;

/**
 * Deletes versions that were received before the cutoff, and that arrived late or were superseded before the cutoff. A version
 * that was superseded later is kept: it is the state "as of" a day inside the retention period.
 */
const versions = `
  WITH old AS (
    SELECT object_id, version, svix_id, run_id FROM versions v
    WHERE received_at < $1 AND (is_late OR EXISTS (
      SELECT FROM versions n WHERE n.object_id = v.object_id AND NOT n.is_late AND n.received_at < $1
        AND (n.deleted, n.version, n.event_timestamp, n.svix_id COLLATE "C")
          > (v.deleted, v.version, v.event_timestamp, v.svix_id COLLATE "C")))
    LIMIT ${BATCH}
  ),
  gone AS (
    DELETE FROM versions v USING old WHERE (v.object_id, v.version, v.svix_id, v.run_id)
      = (old.object_id, old.version, old.svix_id, old.run_id)
  )
  SELECT count(*)::int AS count FROM old`;

async function inBatches(text: string, cutoff: Date): Promise<number> {
  let total = 0;
  for (;;) {
    const { rows } = await database().pool.query<{ count: number }>(text, [cutoff]);
    const count = rows[0]?.count ?? 0;
    total += count;
    if (count < BATCH) return total;
  }
}

/**
 * Deletes deliveries, superseded versions, reconciliation runs and canary rounds that are older than `days` days at `now`. A
 * delivery stays until its whole partition is older.
 */
export async function applyRetention(days: number, now = new Date()) {
  const cutoff = new Date(now.getTime() - days * 86_400_000);
  const { prisma } = database();
  await prisma.syncRun.deleteMany({ where: { startedAt: { lt: cutoff } } });
  await prisma.canaryRound.deleteMany({ where: { startedAt: { lt: cutoff } } });
  const partitions = await dropPartitions(cutoff);
  return {
    partitions,
    bodies: await inBatches(bodies, cutoff),
    versions: await inBatches(versions, cutoff),
  };
}
