/** Lists erasures for the console and for `npm run erasure`. */
import { z } from "zod";
import { database } from "../db";
import { receiptShape } from "./receipt";

const listed = z.object({
  id: z.string(),
  kind: z.enum(["user", "organization"]),
  subjectId: z.string(),
  step: z.string(),
  reason: z.string(),
  cause: z.string(),
  requestedBy: z.string().nullable(),
  deletedAt: z.date(),
  nextAt: z.date().nullable(),
  erasedAt: z.date().nullable(),
  isPaused: z.boolean(),
  counts: receiptShape.shape.counts,
  receipt: z.number().nullable(),
});
export type ListedErasure = z.output<typeof listed>;

/** `underWay` includes erasures that are held. */
export type ErasureList = "underWay" | "ended";

const WHERE: Record<ErasureList, string> = {
  underWay: "step NOT IN ('requested', 'undone', 'done')",
  ended: "step IN ('undone', 'done')",
};

/** Resolves to the newest erasures of a list, by the time of deletion. */
export async function listErasures(list: ErasureList, most: number): Promise<ListedErasure[]> {
  const { rows } = await database().pool.query(
    `SELECT id, subject_kind AS kind, subject_id AS "subjectId", step, reason, cause, requested_by AS "requestedBy",
       coalesce(first_deleted_at, deleted_at) AS "deletedAt", next_at AS "nextAt", erased_at AS "erasedAt", brake_id IS NOT NULL AND next_at IS NULL AS "isPaused",
       counts, receipt_sequence::int AS receipt
     FROM erasures WHERE ${WHERE[list]} ORDER BY deleted_at DESC, id LIMIT $1`,
    [most],
  );
  return z.array(listed).parse(rows);
}

const day = z.object({ day: z.string(), deleted: z.number(), erased: z.number() });
export type ErasureDay = z.output<typeof day>;

/**
 * Resolves to the number of users and organizations that were deleted on each of the last 90 days (UTC), and how many of these are
 * erased by now. Leaves out deletions that were undone.
 */
export async function countByDay(): Promise<ErasureDay[]> {
  const { rows } = await database().pool.query(
    `WITH days AS (SELECT generate_series((now() AT TIME ZONE 'UTC')::date - 89, (now() AT TIME ZONE 'UTC')::date, interval '1 day')::date AS day),
       deleted AS (SELECT (deleted_at AT TIME ZONE 'UTC')::date AS day, count(*)::int AS n, count(erased_at)::int AS erased FROM erasures
         WHERE deleted_at > now() - interval '91 days' AND step NOT IN ('requested', 'undone') GROUP BY 1)
     SELECT days.day::text AS day, coalesce(deleted.n, 0) AS deleted, coalesce(deleted.erased, 0) AS erased
     FROM days LEFT JOIN deleted ON deleted.day = days.day ORDER BY 1`,
  );
  return z.array(day).parse(rows);
}
