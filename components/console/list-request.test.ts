import { expect, test } from "vitest";
import { parseListRequest } from "./list-request";

test.each([
  ["two  words", "two  words"],
  ["1 2 3 4 5 6 7 8 9 10", "1 2 3 4 5 6 7 8"],
  ["a".repeat(201), "a".repeat(200)],
  [" \u0000nul", "nul"],
  ["", ""],
])("search words are cut to what the API accepts: %j", async (q, words) => {
  expect((await parseListRequest(Promise.resolve({ q }))).words).toBe(words);
});
