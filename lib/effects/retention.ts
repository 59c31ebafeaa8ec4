/** Deletes jobs that finished, or became dead letters, before the retention period. Pending jobs stay. */
import { database } from "../db";

const BATCH = 1_000;

const settledBefore = (column: "done_at" | "dead_at") => `
  DELETE FROM effect_jobs WHERE id = ANY (ARRAY(
    SELECT id FROM effect_jobs WHERE ${column} < $1 ORDER BY ${column} LIMIT ${BATCH}))`;

/** Deletes the jobs that were settled more than `days` days before `now`. Resolves to their number. */
export async function deleteSettledJobs(days: number, now = new Date()): Promise<number> {
  const cutoff = new Date(now.getTime() - days * 86_400_000);
  let total = 0;
  for (const column of ["done_at", "dead_at"] as const) {
    for (let count = BATCH; count === BATCH; total += count) {
      const { rowCount } = await database().pool.query(settledBefore(column), [cutoff]);
      count = rowCount ?? 0;
    }
  }
  return total;
}
