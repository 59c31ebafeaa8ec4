/** Computes the geometry of a plot's bars and lines, and formats its figures and times. */

export type PlotTone = "plain" | "quiet" | "good" | "wait" | "warn" | "bad";
/** One series of a plot. `values` has one entry for each bucket; null if the bucket has no value. */
export type PlotSeries = { name: string; tone: PlotTone; values: (number | null)[] };
export type PlotData = {
  /** The start of the first bucket. */
  start: string;
  bucketMs: number;
  unit: "count" | "ms";
  series: PlotSeries[];
};

export const totalOf = (values: (number | null)[]) =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/**
 * Returns the value at the top of the plot: the greatest sum of a bucket's series if the series are stacked, or else the greatest
 * value.
 */
export function greatestOf({ series }: PlotData, isStacked: boolean): number {
  const count = series[0]?.values.length ?? 0;
  const buckets = Array.from({ length: count }, (_, index) =>
    series.map(({ values }) => values[index] ?? null),
  );
  return Math.max(0, ...buckets.map((each) => (isStacked ? totalOf(each) : greatest(each))));
}

const greatest = (values: (number | null)[]) => Math.max(...values.map((value) => value ?? 0));

/** The minimum height of a bar, so that a small value stays visible next to a large one. */
const LEAST_HEIGHT_PX = 2;

type Bar = { key: string; tone: PlotTone; x: number; y: number; width: number; height: number };

/** Returns the stacked bars. The unit of `x` and `width` is one bucket. */
export function barsOf({ series }: PlotData, top: number, heightPx: number): Bar[] {
  const reached: number[] = [];
  return series.flatMap(({ name, tone, values }) =>
    values.flatMap((value, index) => {
      if (!value) return [];
      const height = Math.max(LEAST_HEIGHT_PX, (value / top) * heightPx);
      const below = reached[index] ?? 0;
      reached[index] = below + height;
      const y = heightPx - below - height;
      return [{ key: `${name} ${index}`, tone, x: index + 0.1, y, width: 0.8, height }];
    }),
  );
}

/**
 * Returns the SVG path of a line through the middle of its buckets, with a gap where a value is null. A value between two gaps is
 * a dash.
 */
export function linePath(values: (number | null)[], top: number, heightPx: number): string {
  const yOf = (value: number) => heightPx - (top > 0 ? value / top : 0) * heightPx;
  return values
    .map((value, index) => {
      if (value === null) return "";
      const y = yOf(value).toFixed(1);
      const [isStart, isEnd] = [values[index - 1] ?? null, values[index + 1] ?? null];
      if (isStart === null && isEnd === null) return `M${index + 0.2} ${y}H${index + 0.8}`;
      return `${isStart === null ? "M" : "L"}${index + 0.5} ${y}`;
    })
    .join("");
}

const thousands = new Intl.NumberFormat("en-GB");

export function formatValue(value: number | null, unit: PlotData["unit"]): string {
  if (value === null) return "–";
  if (unit === "count") return thousands.format(value);
  if (value < 1_000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${(value / 1_000).toFixed(1)} s`;
  if (value < 3_600_000) return `${Math.round(value / 60_000)} min`;
  return `${thousands.format(Math.round(value / 3_600_000))} h`;
}

const DAY_MS = 86_400_000;
const inUtc = { timeZone: "UTC", hourCycle: "h23", day: "numeric", month: "short" } as const;
const time = { ...inUtc, hour: "2-digit", minute: "2-digit" } as const;
const days = new Intl.DateTimeFormat("en-GB", { ...inUtc, year: "numeric" });
const minutes = new Intl.DateTimeFormat("en-GB", time);
const seconds = new Intl.DateTimeFormat("en-GB", { ...time, second: "2-digit" });

/**
 * Formats the time from the start of bucket `first` to the end of bucket `last`, in UTC: "28 Nov, 14:05 – 28 Nov, 14:20". For a
 * single bucket, formats only its start. For buckets of whole days, formats only dates.
 */
export function formatBucket(
  { start, bucketMs }: Pick<PlotData, "start" | "bucketMs">,
  first: number,
  last: number,
): string {
  const from = Date.parse(start) + first * bucketMs;
  const until = Date.parse(start) + (last + 1) * bucketMs;
  if (bucketMs >= DAY_MS) {
    const lastDay = until - DAY_MS;
    return lastDay > from ? `${days.format(from)} – ${days.format(lastDay)}` : days.format(from);
  }
  const format = bucketMs < 60_000 ? seconds : minutes;
  if (first === last) return format.format(from);
  return `${format.format(from)} – ${format.format(until)}`;
}
