/**
 * The partitions of `deliveries`. Each holds the deliveries of one interval, and is dropped as a whole. Partitions are created four
 * weeks ahead. A delivery without a partition goes to the default partition, so none is refused.
 */
import { setTimeout as sleep } from "node:timers/promises";
import pg from "pg";
import { database } from "../../db";
import { log } from "../../log";

const AHEAD = "28 days";

/** The tries to get a table's lock. Each waits 300 ms at most, because webhooks queue behind a waiting lock. */
const TRIES = 10;
const PAUSE_MS = 1_000;

const LOCK_NOT_AVAILABLE = "55P03";

/** Runs `change` until it gets its locks. @throws the last error if the table is in use each time. */
async function withRetries<Result>(change: () => Promise<Result>): Promise<Result> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await change();
    } catch (error) {
      const isInUse = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
      if (!isInUse || tried === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

/**
 * Creates the partitions of the next four weeks that do not exist yet. After a change of the interval, only later partitions have
 * the new one. Resolves to their number.
 */
export async function createPartitions(interval: "day" | "week" | "month"): Promise<number> {
  const { rows } = await withRetries(() =>
    database().pool.query<{ added: number }>(
      `SELECT create_delivery_partitions($1, now() + interval '${AHEAD}') AS added`,
      [interval],
    ),
  );
  return rows[0]?.added ?? 0;
}

type Partition = { name: string; pending: number; failed: number };

/** Counts the deliveries of a partition that are still to be applied, and those that never were. */
async function countUnapplied(name: string): Promise<Partition> {
  const { rows } = await database().pool.query<Partition>(
    `SELECT $1::text AS name, count(*) FILTER (WHERE outcome = 'pending')::int AS pending,
       count(*) FILTER (WHERE outcome IN ('dead', 'quarantined', 'unreadable'))::int AS failed
     FROM ${pg.escapeIdentifier(name)} WHERE outcome IN ('pending', 'dead', 'quarantined', 'unreadable')`,
    [name],
  );
  return rows[0] ?? { name, pending: 0, failed: 0 };
}

/**
 * Drops the partitions that end before the cutoff. One with a pending delivery stays until a later call. Resolves to the number of
 * dropped partitions.
 */
export async function dropPartitions(cutoff: Date): Promise<number> {
  const { rows } = await database().pool.query<{ name: string }>(
    "SELECT name FROM delivery_partitions() WHERE ends <= $1",
    [cutoff],
  );
  let dropped = 0;
  for (const { name } of rows) {
    const { pending, failed } = await countUnapplied(name);
    if (pending > 0) continue;
    const { rows: result } = await withRetries(() =>
      database().pool.query<{ isDropped: boolean }>(
        'SELECT drop_delivery_partition($1) AS "isDropped"',
        [name],
      ),
    );
    if (!result[0]?.isDropped) continue;
    dropped += 1;
    log.info("a partition of deliveries is past retention and was dropped", { name, failed });
  }
  return dropped;
}
