import { expect, test } from "vitest";
import { formatDuration } from "./format";

test.each([
  [-400, "under 0.1 s"],
  [99, "under 0.1 s"],
  [420, "0.4 s"],
  [9_940, "9.9 s"],
  [12_800, "12 s"],
  [59_999, "59 s"],
  [60_000, "1 min"],
  [3_599_999, "59 min"],
  [7_200_000, "2 h"],
  [5.5 * 86_400_000, "5 d"],
])("%i ms is formatted as %s", (ms, words) => {
  expect(formatDuration(ms)).toBe(words);
});
