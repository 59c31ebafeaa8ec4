/**
 * Finds deliveries for the console: the filter as SQL, the pages of the list, the count and the histogram. Reads as the app's own
 * role: with row level security, Postgres would not use the expression indexes. Only for platform admins.
 */
import { z } from "zod";
import { database } from "../../db";
import { Prisma } from "../../generated/prisma/client";
import { type Read, readPrimary } from "../../replica";
import { DAY_MS, type DeliveryList, inDeliveryList, type StoredOutcome } from "./delivery-lists";

export type DeliveryFilter = {
  /** The svix-id of the delivery, the id of its object or the id of its user. */
  id?: string | null | undefined;
  /** An event type. `*` stands for any characters: `user.*`, `*.deleted`. */
  type?: string | null | undefined;
  outcome?: StoredOutcome | null | undefined;
  list?: DeliveryList | null | undefined;
  objectId?: string | null | undefined;
  /** The range of the webhook delay in ms. Both bounds are inclusive. */
  delayMs?: { min?: number | null | undefined; max?: number | null | undefined } | null | undefined;
  /** The range of the time of receipt. `from` is inclusive, `until` exclusive. */
  receivedAt?:
    | { from?: Date | null | undefined; until?: Date | null | undefined }
    | null
    | undefined;
};

/** Event types are compared by their first 100 characters, because the index contains only these. */
export const TYPE_CHARACTERS = 100;
/** The text must equal that of the index. */
export const typeSql = Prisma.raw("left(type, 100)");
/**
 * The maximum number of distinct event types that are searched. A quarantined delivery may have any type, so their number is not
 * limited.
 */
const MAX_TYPES = 1_000;

/**
 * The value of {@link delaySql} for a delivery without a time at Clerk: less than every delay. The text of `delaySql` must equal
 * that of the index.
 */
export const NO_DELAY = -9_000_000_000_000_000;
export const delaySql = Prisma.raw(
  `coalesce((extract(epoch FROM received_at - occurred_at) * 1000)::bigint, (${NO_DELAY})::bigint)`,
);

const typeShape = z.array(z.object({ type: z.string() }));

/** Resolves to all stored event types. Jumps from type to type in the index instead of reading all rows. */
async function findTypes(): Promise<string[]> {
  const next = (after: Prisma.Sql) => Prisma.sql`
    SELECT left(type, 100) AS type FROM deliveries WHERE ${after} ORDER BY left(type, 100) LIMIT 1`;
  const rows = await database().prisma.$queryRaw`
    WITH RECURSIVE types AS (
      (${next(Prisma.sql`left(type, 100) IS NOT NULL`)})
      UNION ALL
      SELECT (${next(Prisma.sql`left(type, 100) > t.type`)}) FROM types t WHERE t.type IS NOT NULL
    )
    SELECT type FROM types WHERE type IS NOT NULL LIMIT ${MAX_TYPES}`;
  return typeShape.parse(rows).map(({ type }) => type);
}

/**
 * True if the whole type matches the pattern. Compares part by part: a regular expression with many `*` could take exponential
 * time.
 */
export function matchesType(pattern: string, type: string): boolean {
  const [first = "", ...parts] = pattern.split("*");
  const last = parts.pop();
  if (last === undefined) return type === pattern;
  if (!type.startsWith(first) || type.length < first.length + last.length) return false;
  let rest = type.slice(first.length, type.length - last.length);
  for (const part of parts) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return type.endsWith(last);
}

async function typeCondition(pattern: string): Promise<Prisma.Sql> {
  const types = pattern.includes("*")
    ? (await findTypes()).filter((type) => matchesType(pattern, type))
    : [pattern.slice(0, TYPE_CHARACTERS)];
  // Of one type, the index has the order by time.
  if (types.length === 1) return Prisma.sql`left(type, 100) = ${types[0]}`;
  return Prisma.sql`left(type, 100) = ANY (${types}::text[])`;
}

/**
 * Converts the filter to a SQL condition on a row of `deliveries`. Runs one statement if the type contains `*`, otherwise none.
 */
export async function deliveryCondition(filter: DeliveryFilter): Promise<Prisma.Sql> {
  const { id, type, outcome, list, objectId, delayMs, receivedAt } = filter;
  const conditions = [
    ...(id ? [Prisma.sql`(svix_id = ${id} OR object_id = ${id} OR user_id = ${id})`] : []),
    ...(type && type !== "*" ? [await typeCondition(type)] : []),
    ...(outcome ? [Prisma.sql`outcome = ${outcome}`] : []),
    ...(list ? [inDeliveryList(list)] : []),
    ...(objectId ? [Prisma.sql`object_id = ${objectId}`] : []),
    ...(delayMs?.min == null ? [] : [Prisma.sql`${delaySql} >= ${delayMs.min}::bigint`]),
    ...(delayMs?.max == null
      ? []
      : [Prisma.sql`${delaySql} <= ${delayMs.max}::bigint AND occurred_at IS NOT NULL`]),
    ...(receivedAt?.from ? [Prisma.sql`received_at >= ${receivedAt.from}`] : []),
    ...(receivedAt?.until ? [Prisma.sql`received_at < ${receivedAt.until}`] : []),
  ];
  return conditions.length > 0 ? Prisma.join(conditions, " AND ") : Prisma.sql`true`;
}

/** A delivery without its body and headers. */
export const deliveryRow = z.object({
  svixId: z.string(),
  type: z.string().nullable(),
  objectId: z.string().nullable(),
  userId: z.string().nullable(),
  outcome: z.string(),
  attempts: z.number(),
  error: z.string().nullable(),
  unread: z.string().nullable(),
  occurredAt: z.date().nullable(),
  receivedAt: z.date(),
  settledAt: z.date().nullable(),
  nextAttemptAt: z.date().nullable(),
});

export type DeliveryRow = z.output<typeof deliveryRow>;

/** The columns of {@link DeliveryRow}, never the body. */
const columns =
  Prisma.raw(`svix_id AS "svixId", type, object_id AS "objectId", user_id AS "userId", outcome, attempts,
  error, unread, occurred_at AS "occurredAt", received_at AS "receivedAt", settled_at AS "settledAt",
  next_attempt_at AS "nextAttemptAt"`);

export async function findDeliveries(
  where: Prisma.Sql,
  orderBy: Prisma.Sql,
  take: number,
  read: Read = readPrimary,
): Promise<DeliveryRow[]> {
  const rows = await read(
    ({ prisma }) => prisma.$queryRaw`
    SELECT ${columns} FROM deliveries WHERE ${where} ORDER BY ${orderBy} LIMIT ${take}`,
  );
  return z.array(deliveryRow).parse(rows);
}

/** Resolves to the number of deliveries. Counting stops at the limit, if one is given. */
export async function countDeliveries(
  where: Prisma.Sql,
  limit?: number,
  read: Read = readPrimary,
): Promise<number> {
  const end = limit === undefined ? Prisma.empty : Prisma.sql`LIMIT ${limit}`;
  const counted = await read(
    ({ prisma }) => prisma.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (SELECT FROM deliveries WHERE ${where} ${end}) counted`,
  );
  return counted[0]?.count ?? 0;
}

/** The maximum number of deliveries in a histogram. If there are more, only the newest ones are counted. */
const COUNTED_IN_HISTOGRAM = 100_000;
const BUCKETS = 96;

/** The possible lengths of a bucket in ms, from 1 s to 30 days. A very long range gets buckets of a larger number of days. */
const bucketLengths = [
  ...[1, 5, 15, 30, 60, 300, 900, 1_800, 3_600, 7_200, 21_600, 43_200].map((s) => s * 1_000),
  ...[1, 7, 30].map((days) => days * DAY_MS),
];

export type Histogram = {
  /** The start of the first bucket. */
  start: Date;
  bucketMs: number;
  bucketCount: number;
  /** Maps each outcome to its counts, one for each bucket. */
  counts: Map<string, number[]>;
  /** Deliveries received before this time are not counted, because there are too many; null if all are counted. */
  countedSince: Date | null;
};

const histogramShape = z.array(
  z.object({
    bucket: z.date(),
    outcome: z.string(),
    count: z.number(),
    oldest: z.date(),
    total: z.number(),
  }),
);

/** Chooses the smallest bucket length that gives the range at most 96 buckets. Returns it with the start of the first bucket. */
export function bucketsOf(from: Date, until: Date) {
  const [first, last] = [from.getTime(), Math.max(until.getTime(), from.getTime() + 1)];
  const bucketMs =
    bucketLengths.find((each) => (last - first) / each <= BUCKETS) ??
    Math.ceil((last - first) / BUCKETS / DAY_MS) * DAY_MS;
  const start = Math.floor(first / bucketMs) * bucketMs;
  return { start: new Date(start), bucketMs, bucketCount: Math.ceil((last - start) / bucketMs) };
}

/**
 * Counts the deliveries in the filter's time range by bucket and outcome. The default range is the last 24 h. Runs one statement
 * that reads a limited number of rows.
 */
export async function deliveryHistogram(
  filter: DeliveryFilter,
  now = new Date(),
  read: Read = readPrimary,
): Promise<Histogram> {
  const until = filter.receivedAt?.until ?? now;
  const from = filter.receivedAt?.from ?? new Date(until.getTime() - DAY_MS);
  const { start, bucketMs, bucketCount } = bucketsOf(from, until);
  const where = await deliveryCondition({ ...filter, receivedAt: { from, until } });
  const rows = await read(
    ({ prisma }) => prisma.$queryRaw`
    SELECT date_bin(${bucketMs / 1_000} * interval '1 s', received_at, ${start}::timestamptz) AS bucket, outcome,
      count(*)::int AS count, min(received_at) AS oldest, (sum(count(*)) OVER ())::int AS total
    FROM (
      SELECT received_at, outcome FROM deliveries WHERE ${where} ORDER BY received_at DESC, svix_id DESC
      LIMIT ${COUNTED_IN_HISTOGRAM}
    ) newest GROUP BY 1, 2`,
  );
  const counts = new Map<string, number[]>();
  const found = histogramShape.parse(rows);
  for (const { bucket, outcome, count } of found) {
    const values = counts.get(outcome) ?? Array.from({ length: bucketCount }, () => 0);
    values[(bucket.getTime() - start.getTime()) / bucketMs] = count;
    counts.set(outcome, values);
  }
  const isCut = (found[0]?.total ?? 0) === COUNTED_IN_HISTOGRAM;
  const oldest = Math.min(...found.map(({ oldest }) => oldest.getTime()));
  return { start, bucketMs, bucketCount, counts, countedSince: isCut ? new Date(oldest) : null };
}
