import { expect, test } from "vitest";
import { barsOf, formatBucket, formatValue, greatestOf, linePath } from "./plot-data";

const HOUR = 3_600_000;
const data = {
  start: "2026-11-28T10:00:00.000Z",
  bucketMs: HOUR,
  unit: "count" as const,
  series: [
    { name: "applied", tone: "plain" as const, values: [100_000, 0, null] },
    { name: "dead", tone: "bad" as const, values: [1, 0, 4] },
  ],
};

test("greatestOf returns the greatest sum of a bucket if the series are stacked, and otherwise the greatest value", () => {
  expect(greatestOf(data, true)).toBe(100_001);
  expect(greatestOf(data, false)).toBe(100_000);
});

test("the bar of one dead letter on top of 100,000 applied deliveries is 2 px high, and no bar is drawn for 0 or null", () => {
  const bars = barsOf(data, greatestOf(data, true), 100);
  expect(bars.map(({ key }) => key)).toEqual(["applied 0", "dead 0", "dead 2"]);
  expect(bars[1]?.height).toBe(2);
  expect(bars[1]?.y).toBeCloseTo(100 - (bars[0]?.height ?? 0) - 2);
});

test("a line has a gap where a value is null, and a dash for a value between two gaps", () => {
  expect(linePath([1, 2, null, 4], 4, 100)).toBe("M0.5 75.0L1.5 50.0M3.2 0.0H3.8");
});

test("a line of zeros lies on the baseline", () => {
  expect(linePath([0, 0], 0, 100)).toBe("M0.5 100.0L1.5 100.0");
});

test("formatValue converts milliseconds to ms, s, min or h, groups the digits of a count, and returns a dash for null", () => {
  const of = (ms: number) => formatValue(ms, "ms");
  expect([12, 1_200, 90_000, 7_200_000].map(of)).toEqual(["12 ms", "1.2 s", "2 min", "2 h"]);
  expect(formatValue(1_234_567, "count")).toBe("1,234,567");
  expect(formatValue(null, "ms")).toBe("–");
});

test("formatBucket returns the start of one bucket in UTC, the start and end of a range, and only dates for whole days", () => {
  expect(formatBucket(data, 1, 1)).toBe("28 Nov, 11:00");
  expect(formatBucket(data, 0, 1)).toBe("28 Nov, 10:00 – 28 Nov, 12:00");
  const byDay = { start: "2026-11-27T00:00:00.000Z", bucketMs: 24 * HOUR };
  expect(formatBucket(byDay, 0, 0)).toBe("27 Nov 2026");
  expect(formatBucket(byDay, 0, 1)).toBe("27 Nov 2026 – 28 Nov 2026");
  expect(formatBucket({ ...data, bucketMs: 30_000 }, 1, 1)).toBe("28 Nov, 10:00:30");
});
