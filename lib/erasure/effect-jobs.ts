/**
 * The queue of effects holds the last state of what was deleted, for the handlers of `deleted`. They have until the deadline.
 * Afterwards only ids remain in their jobs, so a service that is down learns of the deletion all the same.
 */
import { z } from "zod";
import type { Queryable } from "../db";
import { type Subject, subjectSql, subjectValues } from "./subject";

/** From the deletion, by our clock. The rest of the 60 s of the promise is for the steps after it. */
export const HANDLERS_DEADLINE_MS = 40_000;

const OF_SUBJECT = "(t.user_id = subject.id OR t.object_id = ANY (subject.ids))";
const IS_PENDING = "t.done_at IS NULL AND t.dead_at IS NULL";

/** True while a handler has not ended with the subject's last state. */
export async function hasPendingJobs(db: Queryable, subject: Subject): Promise<boolean> {
  const { rows } = await db.query(
    `SELECT FROM effect_jobs t, ${subjectSql} WHERE ${OF_SUBJECT} AND ${IS_PENDING}
       AND (t.previous ? 'version' OR t.current IS NOT NULL) LIMIT 1`,
    subjectValues(subject),
  );
  return rows.length > 0;
}

/** Erases the states in all jobs of the subject. Pending jobs other than of `deleted` are dropped: their object is gone. */
export async function emptyJobs(db: Queryable, subject: Subject): Promise<number> {
  await db.query(
    `DELETE FROM effect_jobs t USING ${subjectSql} WHERE ${OF_SUBJECT} AND ${IS_PENDING} AND t.change <> 'deleted'`,
    subjectValues(subject),
  );
  const { rowCount } = await db.query(
    `UPDATE effect_jobs t SET current = NULL, previous = CASE WHEN ${IS_PENDING} THEN jsonb_build_object(
         'id', t.object_id, 'user_id', t.previous -> 'user_id', 'organization_id', t.previous -> 'organization_id') END
     FROM ${subjectSql} WHERE ${OF_SUBJECT} AND (t.current IS NOT NULL OR t.previous ? 'version' OR NOT (${IS_PENDING}) AND t.previous IS NOT NULL)`,
    subjectValues(subject),
  );
  return rowCount ?? 0;
}

const acknowledgements = z.array(z.object({ handler: z.string(), state: z.string() }));

/** What became of the jobs of `deleted`, by handler. */
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
