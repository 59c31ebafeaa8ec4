/** What the worker does with the archive once a day: it purges entries at their date, and archives what had to wait for a key. */
import { recordAuditIn } from "../audit";
import { type Queryable, transaction } from "../db";
import { env } from "../env";
import { findArchiveProblem, withArchive } from "./archive-store";

const BATCH = 500;

/**
 * Destroys entries whose date has passed, each with its key. A date counts as passed when it has for the database's clock and for
 * this process's clock, `now`: a clock that jumps destroys nothing. A hold that is set while this runs keeps its entry, because
 * the statement reads the row again once it has the lock.
 */
export async function purgeDueEntries(now = new Date()): Promise<number> {
  let total = 0;
  for (let count = BATCH; count === BATCH; total += count) {
    count = await transaction(async (db) => {
      const ids = await withArchive(db, async () => {
        const { rows } = await db.query<{ id: string }>(
          `DELETE FROM archive_entries WHERE id IN (
             SELECT id FROM archive_entries WHERE purge_at <= least(clock_timestamp(), $1) AND held_at IS NULL
             ORDER BY purge_at LIMIT ${BATCH} FOR UPDATE) RETURNING id`,
          [now],
        );
        return rows.map(({ id }) => id);
      });
      for (const subject of ids) {
        const detail = { reason: "retention date" };
        await recordAuditIn(db, { actor: "retention", action: "archive.purged", subject, detail });
      }
      return ids.length;
    });
  }
  return total;
}

/** The number of erased subjects whose purchases wait for ARCHIVE_KEY. */
export async function countUnarchived(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM erasures WHERE is_unarchived",
  );
  return rows[0]?.count ?? 0;
}

const AGAIN = 500;

/**
 * Runs erasures again that left purchases in their tables because there was no usable ARCHIVE_KEY: so many at a time. Resolves to
 * their number; does nothing while there is still none.
 */
export async function archiveWaitingPurchases(): Promise<number> {
  if (env().archiveKeys.length === 0) return 0;
  return transaction(async (db) => {
    if ((await withArchive(db, () => findArchiveProblem(db))) !== null) return 0;
    const { rowCount } = await db.query(
      `UPDATE erasures SET step = 'rows', next_at = clock_timestamp() WHERE id IN (
         SELECT id FROM erasures WHERE is_unarchived AND step = 'done' LIMIT ${AGAIN} FOR UPDATE SKIP LOCKED)`,
    );
    return rowCount ?? 0;
  });
}
