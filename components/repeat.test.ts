import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { repeat } from "./repeat";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** Returns how often `act` is called in each minute of an hour. */
function callsPerMinute(given: { firstMs: number; longestMs: number }): number[] {
  const act = vi.fn();
  const end = repeat(act, given);
  const calls = Array.from({ length: 60 }, () => {
    act.mockClear();
    vi.advanceTimersByTime(60_000);
    return act.mock.calls.length;
  });
  end();
  act.mockClear();
  vi.advanceTimersByTime(3_600_000);
  expect(act).not.toHaveBeenCalled();
  return calls;
}

test("repeat calls at a constant interval when the longest interval is the first one", () => {
  expect(new Set(callsPerMinute({ firstMs: 2_000, longestMs: 2_000 }))).toEqual(new Set([30]));
});

test("repeat calls every 5 s at first, and at most twice a minute later", () => {
  const [first = 0, , ...later] = callsPerMinute({ firstMs: 5_000, longestMs: 30_000 });
  expect(first).toBeGreaterThanOrEqual(4);
  expect(Math.max(...later)).toBe(2);
});
