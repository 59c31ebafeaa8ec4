/**
 * Effect jobs keep the last state of a deleted object for the handlers of `deleted`, at most until a deadline. After the
 * deadline, the jobs keep only ids, so that a service which was unavailable still learns of the deletion.
 */
import { z } from "zod";
import type { Queryable } from "../db";
import type { Counts } from "./rows";
import { ofSubject, type Subject, subjectSql, subjectValues } from "./subject";

/**
 * How long, in ms, the handlers of a deletion can receive the object's last state, counted from the deletion by our clock. The
 * later steps of the erasure use the rest of the promised 60 s.
 */
export const HANDLERS_DEADLINE_MS = 40_000;

const IS_PENDING = "t.done_at IS NULL AND t.dead_at IS NULL";
const HAS_STATE = "(t.current IS NOT NULL OR t.previous ? 'version')";

/** True while a pending job still contains the subject's last state. */
export async function hasPendingJobs(db: Queryable, subject: Subject): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM effect_jobs t, ${subjectSql} WHERE ${ofSubject} AND ${IS_PENDING}
       AND ${HAS_STATE} LIMIT 1`,
    subjectValues(subject),
  );
  return rows.length > 0;
}

/**
 * Removes the stored states from all jobs of the subject, and deletes its pending jobs that are not about a deletion. Resolves to
 * the number of jobs that lost a state or were deleted.
 */
export async function emptyJobs(db: Queryable, subject: Subject): Promise<Counts> {
  const values = subjectValues(subject);
  const deleted = await db.query(
    `DELETE FROM effect_jobs t USING ${subjectSql} WHERE ${ofSubject} AND ${IS_PENDING} AND t.change <> 'deleted'`,
    values,
  );
  const emptied = await db.query(
    `UPDATE effect_jobs t SET current = NULL, previous = CASE WHEN ${IS_PENDING} THEN jsonb_build_object(
         'id', t.object_id, 'user_id', t.previous -> 'user_id', 'organization_id', t.previous -> 'organization_id') END
     FROM ${subjectSql} WHERE ${ofSubject} AND ${HAS_STATE}`,
    values,
  );
  // The ids that a pending job kept for its handler.
  await db.query(
    `UPDATE effect_jobs t SET previous = NULL FROM ${subjectSql}
     WHERE ${ofSubject} AND NOT (${IS_PENDING}) AND t.previous IS NOT NULL`,
    values,
  );
  const count = (deleted.rowCount ?? 0) + (emptied.rowCount ?? 0);
  return count > 0 ? { effect_jobs: count } : {};
}

const acknowledgements = z.array(z.object({ handler: z.string(), state: z.string() }));

/** Resolves to the state of each handler's latest job for the subject's deletion: `done`, `dead` or `pending`. */
export async function findAcknowledgements(
  db: Queryable,
  subject: Subject,
): Promise<Record<string, string>> {
  const { rows } = await db.query(
    `SELECT DISTINCT ON (handler) handler,
       CASE WHEN t.done_at IS NOT NULL THEN 'done' WHEN t.dead_at IS NOT NULL THEN 'dead' ELSE 'pending' END AS state
     FROM effect_jobs t, ${subjectSql} WHERE t.object_id = subject.id AND t.change = 'deleted' ORDER BY handler, t.id DESC`,
    subjectValues(subject),
  );
  return Object.fromEntries(
    acknowledgements.parse(rows).map(({ handler, state }) => [handler, state]),
  );
}
