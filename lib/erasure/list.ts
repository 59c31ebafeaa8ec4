/** Lists erasures for the console and for `npm run erasure`. */
import { z } from "zod";
import { database } from "../db";
import { Prisma } from "../generated/prisma/client";
import type { Reason } from "./archive-store";
import { LINE, receiptShape } from "./receipt";

/**
 * The states by which erasures are filtered. `under-way` covers `held` (by a holdback), `paused` (by the brake) and `erasing`. A
 * request that has led to no deletion is in no state, and in no list.
 */
export const erasureStates = [
  "under-way",
  "held",
  "paused",
  "erasing",
  "erased",
  "undone",
] as const;
export type ErasureState = (typeof erasureStates)[number];

/** The conditions on the step are equalities, so that the index on the step and the time of deletion serves them. */
const inState: Record<ErasureState, Prisma.Sql> = {
  "under-way": Prisma.sql`step IN ('held', 'rows', 'effects', 'sweep', 'receipt')`,
  held: Prisma.sql`step = 'held' AND next_at IS NOT NULL`,
  paused: Prisma.sql`step = 'held' AND next_at IS NULL`,
  erasing: Prisma.sql`step IN ('rows', 'effects', 'sweep', 'receipt')`,
  erased: Prisma.sql`step = 'done'`,
  undone: Prisma.sql`step = 'undone'`,
};

export type ErasureFilter = {
  /** The id of the user or organization. */
  subjectId?: string | null | undefined;
  state?: ErasureState | null | undefined;
  kind?: "user" | "organization" | null | undefined;
  reason?: Reason | null | undefined;
  /** The range of the time of deletion. `from` is inclusive, `until` exclusive. */
  deletedAt?:
    | { from?: Date | null | undefined; until?: Date | null | undefined }
    | null
    | undefined;
};

/** Converts the filter to a SQL condition on a row of `erasures`. */
export function erasureCondition(filter: ErasureFilter): Prisma.Sql {
  const { subjectId, state, kind, reason, deletedAt } = filter;
  const conditions = [
    // The index on the subject begins with its kind.
    ...(subjectId
      ? [Prisma.sql`subject_kind IN ('user', 'organization') AND subject_id = ${subjectId}`]
      : []),
    state ? inState[state] : Prisma.sql`step <> 'requested'`,
    ...(kind ? [Prisma.sql`subject_kind = ${kind}`] : []),
    ...(reason ? [Prisma.sql`reason = ${reason}`] : []),
    ...(deletedAt?.from ? [Prisma.sql`deleted_at >= ${deletedAt.from}`] : []),
    ...(deletedAt?.until ? [Prisma.sql`deleted_at < ${deletedAt.until}`] : []),
  ];
  return Prisma.join(conditions, " AND ");
}

const listed = z.object({
  id: z.string(),
  kind: z.enum(["user", "organization"]),
  subjectId: z.string(),
  step: z.string(),
  reason: z.string(),
  cause: z.string(),
  requestedBy: z.string().nullable(),
  requestedAt: z.date(),
  /** The time of the deletion: after a restore, that of the deletion before it. */
  deletedAt: z.date(),
  /** The time by which the list is ordered and filtered: when the row of the user or organization became a tombstone. */
  orderedAt: z.date(),
  nextAt: z.date().nullable(),
  erasedAt: z.date().nullable(),
  isPaused: z.boolean(),
  counts: receiptShape.shape.counts,
  acknowledgements: receiptShape.shape.acknowledgements,
  receipt: z.number().nullable(),
  receiptToken: z.string(),
});
export type ListedErasure = z.output<typeof listed>;

const newestFirst = Prisma.sql`deleted_at DESC, id DESC`;

type Client = ReturnType<typeof database>["prisma"];

/** Resolves to at most `take` of the erasures that fulfil the condition, by default the newest by the time of deletion. */
export async function findErasures(
  where: Prisma.Sql,
  take: number,
  orderBy: Prisma.Sql = newestFirst,
  client: Client = database().prisma,
): Promise<ListedErasure[]> {
  const rows = await client.$queryRaw`
    SELECT id, subject_kind AS kind, subject_id AS "subjectId", step, reason, cause, requested_by AS "requestedBy",
      requested_at AS "requestedAt", coalesce(first_deleted_at, deleted_at) AS "deletedAt", deleted_at AS "orderedAt", next_at AS "nextAt", erased_at AS "erasedAt",
      step = 'held' AND next_at IS NULL AS "isPaused", counts, acknowledgements, receipt_sequence::int AS receipt, receipt_token AS "receiptToken"
    FROM erasures WHERE ${where} ORDER BY ${orderBy} LIMIT ${take}`;
  return z.array(listed).parse(rows);
}

const counted = z.tuple([z.object({ count: z.number() })]);

/** Resolves to the number of erasures. Counting stops at the limit, if one is given. */
export async function countErasures(
  where: Prisma.Sql,
  limit: number | null = null,
  client: Client = database().prisma,
): Promise<number> {
  const rows = await client.$queryRaw`
    SELECT count(*)::int AS count FROM (SELECT FROM erasures WHERE ${where} LIMIT ${limit}) AS counted`;
  return counted.parse(rows)[0].count;
}

const erasureId = z.guid();

/** Resolves to the erasure with this id, or to null. */
export async function findErasure(id: string): Promise<ListedErasure | null> {
  const { data } = erasureId.safeParse(id);
  if (data === undefined) return null;
  const [found] = await findErasures(Prisma.sql`id = ${data}::uuid AND step <> 'requested'`, 1);
  return found ?? null;
}

/** Resolves to the receipt with this number as a line of NDJSON, or to null. */
export async function findReceiptLine(sequence: number): Promise<string | null> {
  const { rows } = await database().pool.query<{ line: string }>(
    `SELECT ${LINE} AS line FROM erasure_receipts WHERE sequence = $1`,
    [sequence],
  );
  return rows[0]?.line ?? null;
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
