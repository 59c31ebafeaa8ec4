import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outages } from "./outages";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Creates `Outages` for an app that a test can make unavailable, and counts the readiness checks. */
function page() {
  const app = { isReady: false, checks: 0 };
  const outages = new Outages(async () => {
    app.checks += 1;
    return app.isReady;
  });
  const retry = vi.fn();
  return { app, outages, retry };
}

test("`since` is the time of the first report of the oldest open outage; a repeated report does not change it", () => {
  const { outages, retry } = page();
  const seen: unknown[] = [];
  outages.subscribe(() => seen.push(outages.since));
  const [stream, list] = [{}, {}];
  outages.report(stream, 1_000, retry);
  outages.report(stream, 2_000, retry);
  outages.report(list, 3_000, retry);
  outages.end(stream);
  outages.end(list);
  outages.end(list);
  expect(seen).toEqual([1_000, 1_000, 3_000, null]);
});

test("while the app is not ready nothing is retried, and readiness is checked at least every 5 s", async () => {
  const { app, outages, retry } = page();
  outages.report({}, 0, retry);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(app.checks).toBeGreaterThanOrEqual(12);
  expect(app.checks).toBeLessThanOrEqual(27);
  expect(retry).not.toHaveBeenCalled();
});

test("outages that share a retry function cause one retry, and none after their end", async () => {
  const { app, outages, retry } = page();
  const causes = [{}, {}];
  for (const cause of causes) outages.report(cause, 0, retry);
  app.isReady = true;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(retry).toHaveBeenCalledTimes(1);
  for (const cause of causes) outages.end(cause);
  await vi.advanceTimersByTimeAsync(120_000);
  expect([app.checks, retry.mock.calls.length]).toEqual([1, 1]);
});

test("a retry that keeps failing while the app is ready slows down to every 15 to 30 s", async () => {
  const { app, outages, retry } = page();
  app.isReady = true;
  outages.report({}, 0, retry);
  await vi.advanceTimersByTimeAsync(60_000);
  retry.mockClear();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(retry.mock.calls.length).toBeGreaterThanOrEqual(9);
  expect(retry.mock.calls.length).toBeLessThanOrEqual(20);
});

test("a readiness check that throws counts as failed, and checkNow checks at once", async () => {
  const canRetry = vi.fn().mockRejectedValueOnce(new Error("no network")).mockResolvedValue(true);
  const outages = new Outages(canRetry);
  const retry = vi.fn();
  outages.checkNow();
  expect(canRetry).not.toHaveBeenCalled();
  outages.report({}, 0, retry);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(retry).not.toHaveBeenCalled();
  outages.checkNow();
  await vi.advanceTimersByTimeAsync(0);
  expect(retry).toHaveBeenCalledTimes(1);
});
