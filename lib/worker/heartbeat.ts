/**
 * Returns the jobs of a killed worker to the queue. Graphile Worker itself does this only after four hours. Each worker pool
 * holds a session advisory lock, which Postgres releases when the worker's connection ends. A sweep unlocks the jobs of pools
 * that hold no lock.
 * Also records the heartbeat that the Health page shows.
 */
import pg from "pg";
import type { HeartbeatName } from "../sync/monitoring/find-facts";

/** The first key of the two-key advisory lock. The second key is the hash of the pool's id. */
const LOCK_CLASS = 1_919_904_876;

/** The minimum age of the job locks that a sweep releases: a new pool may take a job before it holds its advisory lock. */
const GRACE = "5 s";

/** Takes a pool's advisory lock. The lock is shared, so that two pools whose ids have the same hash do not block each other. */
export async function holdPoolLock(client: pg.Client, poolId: string): Promise<void> {
  await client.query("SELECT pg_advisory_lock_shared($1, hashtext($2))", [LOCK_CLASS, poolId]);
}

/** Unlocks the jobs of dead worker pools. Resolves to the ids of these pools. */
export async function unlockDeadPools(client: pg.Client, schema: string): Promise<string[]> {
  const queue = pg.escapeIdentifier(schema);
  const { rows } = await client.query<{ dead: string[] }>(
    `WITH dead AS (
       SELECT DISTINCT locked_by FROM ${queue}.jobs
       WHERE locked_at < now() - interval '${GRACE}' AND NOT EXISTS (
         SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = $1
           AND objid = hashtext(locked_by)::oid
           AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
     ), unlocked AS (
       SELECT ${queue}.force_unlock_workers(array_agg(locked_by)) FROM dead HAVING count(*) > 0
     )
     SELECT COALESCE(array_agg(locked_by), '{}') AS dead FROM dead, (SELECT count(*) FROM unlocked) AS done`,
    [LOCK_CLASS],
  );
  return rows[0]?.dead ?? [];
}

export async function recordHeartbeat(client: pg.Client, fact: HeartbeatName): Promise<void> {
  await client.query(
    `INSERT INTO sync_facts (name, value) VALUES ($1, '{}')
     ON CONFLICT (name) DO UPDATE SET updated_at = now()`,
    [fact],
  );
}
