import { expect, test, vi } from "vitest";
import { callClerk, refusalOf } from "./at-clerk";

test("a call that Clerk does not answer within 10 s ends, and says that Clerk may have done it", async () => {
  vi.useFakeTimers();
  const call = callClerk(() => new Promise(() => undefined)).catch((error: unknown) => error);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(refusalOf(await call)).toMatchObject({ code: "timeout", isCertain: false });
  vi.useRealTimers();
});
