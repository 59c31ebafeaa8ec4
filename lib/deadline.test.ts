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

test("withDeadline: work that ends in time gives its result, and leaves no timer behind", async () => {
  const result = withDeadline(after(99, "done"), 100, () => "late");
  await vi.advanceTimersByTimeAsync(99);
  expect(await result).toBe("done");
  expect(vi.getTimerCount()).toBe(0);
});

test("withDeadline: work that fails in time rejects with its own error", async () => {
  const failure = new Error("refused");
  await expect(withDeadline(Promise.reject(failure), 100, () => "late")).rejects.toBe(failure);
  expect(vi.getTimerCount()).toBe(0);
});

test("withDeadline: work that takes longer gives what onTimeout returns", async () => {
  const result = withDeadline(after(101, "done"), 100, () => "late");
  await vi.advanceTimersByTimeAsync(100);
  expect(await result).toBe("late");
});

test("withDeadline: an error thrown by onTimeout rejects, and the late failure of the work is handled", async () => {
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
