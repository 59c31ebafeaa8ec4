/**
 * The worker's daily tasks for the archive: purges entries whose date has passed, and archives purchases that had to wait for a
 * key, or deletes them when their date has passed.
 */
import { recordAuditIn } from "../audit";
import { type Queryable, transaction } from "../db";
import { ArchiveUnreadable } from "./archive-crypto";
import { findArchiveProblem, withArchive } from "./archive-store";

const BATCH = 500;

/**
 * Removes the reasons of what admins did with purged entries, because a reason may name the person. The purge's own reason stays.
 * Call it after the purge is in the audit log, which is append-only otherwise.
 */
export async function forgetReasons(db: Queryable, ids: string[]): Promise<void> {
  await db.query(
    `UPDATE audit_log SET detail = detail - 'reason'
     WHERE subject = ANY ($1) AND action LIKE 'archive.%' AND action <> 'archive.purged' AND detail ? 'reason'`,
    [ids],
  );
}

/**
 * Destroys entries whose date has passed, each with its key. A date counts as passed when it is past by the database's clock and
 * by this process's clock (`now`). If only one clock jumps ahead, no entry is destroyed. An entry that gets a hold while this
 * runs is kept, because the statement reads the row again after it has locked the row. Locks in the order of a lookup, so that
 * neither causes a deadlock.
 */
export async function purgeDueEntries(now = new Date()): Promise<number> {
  let total = 0;
  for (let count = BATCH; count === BATCH; total += count) {
    count = await transaction(async (db) => {
      const ids = await withArchive(db, async () => {
        const { rows } = await db.query<{ id: string }>(
          `DELETE FROM archive_entries WHERE id IN (
             SELECT id FROM archive_entries WHERE purge_at <= least(clock_timestamp(), $1) AND held_at IS NULL
             ORDER BY deleted_at DESC, id LIMIT ${BATCH} FOR UPDATE) RETURNING id`,
          [now],
        );
        return rows.map(({ id }) => id);
      });
      for (const subject of ids) {
        const detail = { reason: "retention date" };
        await recordAuditIn(db, { actor: "retention", action: "archive.purged", subject, detail });
      }
      await forgetReasons(db, ids);
      return ids.length;
    });
  }
  return total;
}

/** Resolves to the number of erased subjects whose purchases wait for ARCHIVE_KEY. */
export async function countUnarchived(db: Queryable): Promise<number> {
  const { rows } = await db.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM erasures WHERE is_unarchived",
  );
  return rows[0]?.count ?? 0;
}

const AGAIN = 500;

async function isArchiveUsable(db: Queryable): Promise<boolean> {
  try {
    return (await withArchive(db, () => findArchiveProblem(db))) === null;
  } catch (error) {
    if (error instanceof ArchiveUnreadable) return false;
    throw error;
  }
}

/**
 * An erasure leaves purchases in their tables if no ARCHIVE_KEY is usable. Makes up to {@link AGAIN} such erasures due again, and
 * resolves to their number. While no key is usable, makes only those due whose date has passed, by the database's clock and by this
 * process's clock (`now`): their purchases are deleted.
 */
export async function archiveWaitingPurchases(now = new Date()): Promise<number> {
  return transaction(async (db) => {
    const { rowCount } = await db.query(
      `UPDATE erasures SET step = 'rows', next_at = clock_timestamp() WHERE id IN (
         SELECT id FROM erasures WHERE is_unarchived AND step = 'done'
           AND ($1 OR coalesce(purchases_until, '-infinity') <= least(clock_timestamp(), $2))
         LIMIT ${AGAIN} FOR UPDATE SKIP LOCKED)`,
      [await isArchiveUsable(db), now],
    );
    return rowCount ?? 0;
  });
}
