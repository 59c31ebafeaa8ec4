/** The number and the delay of received deliveries over time, for the plots of the page Sync. */
import { z } from "zod";
import { readAfter } from "../../replica";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

export const plotRanges = ["day", "week"] as const;
export type PlotRange = (typeof plotRanges)[number];
const ranges: Record<PlotRange, { bucketMs: number; buckets: number }> = {
  day: { bucketMs: 15 * MINUTE, buckets: 96 },
  week: { bucketMs: 2 * HOUR, buckets: 84 },
};

/** The maximum number of counted deliveries. If a range has more, only the newest are counted. */
const COUNTED = 100_000;

export type DeliveryPlots = {
  start: Date;
  bucketMs: number;
  /** One value for each bucket. */
  received: number[];
  /** The delay from the event at Clerk to its receipt in ms; null in a bucket without a delivery. */
  medianDelayMs: (number | null)[];
  p95DelayMs: (number | null)[];
  /** Deliveries before this time are not counted; null if all are counted. */
  countedSince: Date | null;
};

const rowsShape = z.array(
  z.object({
    bucket: z.date(),
    count: z.number(),
    median: z.number().nullable(),
    p95: z.number().nullable(),
    oldest: z.date(),
    total: z.number(),
  }),
);

/**
 * Runs one statement, which counts at most {@link COUNTED} deliveries. The delays include webhooks that Clerk sent again much
 * later.
 */
export async function findDeliveryPlots(
  range: PlotRange,
  now = new Date(),
): Promise<DeliveryPlots> {
  const { bucketMs, buckets } = ranges[range];
  const until = Math.ceil(now.getTime() / bucketMs) * bucketMs;
  const start = new Date(until - buckets * bucketMs);
  const { rows } = await readAfter(null)(({ pool }) =>
    pool.query(
      `SELECT date_bin($2 * interval '1 ms', received_at, $1::timestamptz) AS bucket, count(*)::int AS count,
       min(received_at) AS oldest, (sum(count(*)) OVER ())::int AS total,
       percentile_cont(0.5) WITHIN GROUP (ORDER BY greatest(delay, 0)) FILTER (WHERE delay IS NOT NULL) AS median,
       percentile_cont(0.95) WITHIN GROUP (ORDER BY greatest(delay, 0)) FILTER (WHERE delay IS NOT NULL) AS p95
     FROM (
       SELECT received_at, (extract(epoch FROM received_at - occurred_at) * 1000)::float8 AS delay
       FROM deliveries WHERE received_at >= $1 AND received_at < $3
       ORDER BY received_at DESC, svix_id DESC LIMIT ${COUNTED}
     ) newest GROUP BY 1`,
      [start, bucketMs, new Date(until)],
    ),
  );
  const found = new Map(rowsShape.parse(rows).map((row) => [row.bucket.getTime(), row]));
  const each = <Value>(of: (row: z.output<typeof rowsShape>[number] | undefined) => Value) =>
    Array.from({ length: buckets }, (_, bucket) =>
      of(found.get(start.getTime() + bucket * bucketMs)),
    );
  const all = [...found.values()];
  const isCut = (all[0]?.total ?? 0) === COUNTED;
  return {
    start,
    bucketMs,
    received: each((row) => row?.count ?? 0),
    medianDelayMs: each((row) => row?.median ?? null),
    p95DelayMs: each((row) => row?.p95 ?? null),
    countedSince: isCut ? new Date(Math.min(...all.map(({ oldest }) => oldest.getTime()))) : null,
  };
}
