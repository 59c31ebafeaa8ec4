/**
 * The figures of the console's Overview: what was created a day, who is active, and deliveries and their failures an hour. Each part
 * is one statement on an index, bounded by a number of rows, and is kept for some seconds: an open Overview is rendered again with
 * every change.
 */
import { z } from "zod";
import { database } from "../db";
import { readAfter } from "../replica";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const DAYS = 90;
const ACTIVE_DAYS = 30;
const HOURS = 48;

/** Of a range with more rows, only the newest are counted. */
const COUNTED = 200_000;

export type Buckets = {
  start: Date;
  /** One value for each bucket. */
  values: number[];
  /** Rows before this time are not counted; null if all are counted. */
  countedSince: Date | null;
};

const bucketRow = z.object({
  bucket: z.date(),
  count: z.number(),
  failed: z.number(),
  oldest: z.date(),
  total: z.number(),
});
type BucketRow = z.output<typeof bucketRow>;

/** What a part counts: a table with its time and the order of the time's index. */
const sources = {
  users: { table: "users", time: "created_at", order: "created_at DESC NULLS LAST, id DESC" },
  organizations: {
    table: "organizations",
    time: "created_at",
    order: "created_at DESC NULLS LAST, id DESC",
  },
  active: {
    table: "users",
    time: "last_active_at",
    order: "last_active_at DESC NULLS LAST, id DESC",
  },
  deliveries: {
    table: "deliveries",
    time: "received_at",
    order: "received_at DESC, svix_id DESC",
  },
} as const;
type Source = keyof typeof sources;

/** The statement that counts a source in buckets of $2 ms from $1 until $3. */
export function bucketsSql(source: Source): string {
  const { table, time, order } = sources[source];
  const failed =
    source === "deliveries" ? "outcome IN ('dead', 'unreadable', 'quarantined')" : "false";
  return `SELECT date_bin($2 * interval '1 ms', at, $1::timestamptz) AS bucket, count(*)::int AS count,
      (count(*) FILTER (WHERE failed))::int AS failed, min(at) AS oldest, (sum(count(*)) OVER ())::int AS total
    FROM (
      SELECT ${time} AS at, ${failed} AS failed FROM ${table}
      WHERE ${time} >= $1 AND ${time} < $3 ORDER BY ${order} LIMIT ${COUNTED}
    ) newest GROUP BY 1`;
}

type Range = { start: Date; bucketMs: number; count: number };

/** The last `count` buckets; the last one is under way. Days begin at midnight UTC. */
function rangeUntil(now: Date, bucketMs: number, count: number): Range {
  const until = (Math.floor(now.getTime() / bucketMs) + 1) * bucketMs;
  return { start: new Date(until - count * bucketMs), bucketMs, count };
}

async function findBuckets(source: Source, { start, bucketMs, count }: Range) {
  const until = new Date(start.getTime() + count * bucketMs);
  const { rows } = await readAfter(null)(({ pool }) =>
    pool.query(bucketsSql(source), [start, bucketMs, until]),
  );
  const parsed = z.array(bucketRow).parse(rows);
  const found = new Map(parsed.map((row) => [row.bucket.getTime(), row]));
  const isCut = (parsed[0]?.total ?? 0) === COUNTED;
  const each = (of: (row: BucketRow) => number): number[] =>
    Array.from({ length: count }, (_, index) => {
      const row = found.get(start.getTime() + index * bucketMs);
      return row ? of(row) : 0;
    });
  const oldest = Math.min(...parsed.map((row) => row.oldest.getTime()));
  const common = { start, countedSince: isCut ? new Date(oldest) : null };
  return {
    all: { ...common, values: each((row) => row.count) },
    failed: { ...common, values: each((row) => row.failed) },
  };
}

const KEPT_MS = 15_000;

/** Runs `find` at most once in {@link KEPT_MS}. A failure is not kept. */
function kept<Value>(find: (now: Date) => Promise<Value>): (now?: Date) => Promise<Value> {
  let last: { at: number; value: Promise<Value> } | null = null;
  return (now = new Date()) => {
    if (last && Math.abs(now.getTime() - last.at) < KEPT_MS) return last.value;
    const value = find(now);
    last = { at: now.getTime(), value };
    value.catch(() => {
      last = null;
    });
    return value;
  };
}

export type Growth = { users: Buckets; organizations: Buckets };

/** Users and organizations created a day, also those that were deleted since. */
export const findGrowth = kept(async (now): Promise<Growth> => {
  const range = rangeUntil(now, DAY, DAYS);
  const [users, organizations] = await Promise.all([
    findBuckets("users", range),
    findBuckets("organizations", range),
  ]);
  return { users: users.all, organizations: organizations.all };
});

/** Users by the day of their last activity. */
export const findActive = kept(
  async (now): Promise<Buckets> =>
    (await findBuckets("active", rangeUntil(now, DAY, ACTIVE_DAYS))).all,
);

export type Events = { all: Buckets; failed: Buckets };

/** Deliveries an hour, and those that failed: dead letters, unreadable ones, and those of another instance. */
export const findEvents = kept(
  (now): Promise<Events> => findBuckets("deliveries", rangeUntil(now, HOUR, HOURS)),
);

const openActs = z.array(
  z.object({ paused: z.number(), unanswered: z.number(), held: z.number() }),
);

/** What needs an admin besides the findings about the sync: bulk acts that Clerk stopped, and acts of which the end is not known. */
export async function findOpenActs() {
  const { rows } = await database().pool.query(
    `SELECT (SELECT count(*) FROM bulk_acts WHERE state = 'paused')::int AS paused,
       (SELECT count(*) FROM acts WHERE state = 'unanswered' AND requested_at > now() - interval '1 day')::int AS unanswered,
       (SELECT count(*) FROM acts WHERE state = 'sent' AND requested_at < now() - interval '10 minutes')::int AS held`,
  );
  const [found] = openActs.parse(rows);
  return found ?? { paused: 0, unanswered: 0, held: 0 };
}
