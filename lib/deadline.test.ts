import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { withDeadline } from "./deadline";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const after = <T>(ms: number, result: T) =>
  new Promise<T>((resolve) => setTimeout(() => resolve(result), ms));

test("withDeadline resolves to the result of work that ends in time, and clears its timer", async () => {
  const result = withDeadline(after(99, "done"), 100, () => "late");
  await vi.advanceTimersByTimeAsync(99);
  expect(await result).toBe("done");
  expect(vi.getTimerCount()).toBe(0);
});

test("withDeadline rejects with the error of work that fails in time", async () => {
  const failure = new Error("refused");
  await expect(withDeadline(Promise.reject(failure), 100, () => "late")).rejects.toBe(failure);
  expect(vi.getTimerCount()).toBe(0);
});

test("withDeadline resolves to what onTimeout returns when the work takes longer than the deadline", async () => {
  const result = withDeadline(after(101, "done"), 100, () => "late");
  await vi.advanceTimersByTimeAsync(100);
  expect(await result).toBe("late");
});

test("withDeadline rejects with the error that onTimeout throws, and a later failure of the work is not an unhandled rejection", async () => {
  const work = after(200, null).then(() => {
    throw new Error("late failure");
  });
  const result = withDeadline(work, 100, () => {
    throw new Error("too late");
  });
  const rejection = expect(result).rejects.toThrow("too late");
  await vi.advanceTimersByTimeAsync(300);
  await rejection;
});
