import { expect, test } from "vitest";
import { checkClock } from "./check-app";

const at = 1_790_000_000_000;

test.each([
  ["an answer within the same second", at, at, at + 100, "good"],
  ["an answer that took 9 s", at + 3_000, at, at + 9_000, "good"],
  ["a header that was cut to the second", at - 900, at, at + 50, "good"],
  ["Clerk's clock 3 s ahead", at + 3_100, at, at + 100, "warn"],
  ["Clerk's clock 3 minutes ahead", at + 180_000, at, at + 100, "bad"],
  ["Clerk's clock 10 s behind, and a slow answer", at - 10_000, at, at + 4_000, "bad"],
])("the clock check of npm run doctor, for %s", (_name, theirs, sentAt, answeredAt, state) => {
  expect(checkClock({ theirs, sentAt, answeredAt }).state).toBe(state);
});
