import { expect, test } from "vitest";
import { userControls } from "./list-controls";
import { pagerLinks, parseListRequest } from "./list-request";

const parse = (parameters: object) =>
  parseListRequest("/list", Promise.resolve(parameters), userControls);

test.each([
  ["two  words", "two  words"],
  ["1 2 3 4 5 6 7 8 9 10", "1 2 3 4 5 6 7 8"],
  ["a".repeat(201), "a".repeat(200)],
  [" \u0000nul", "nul"],
  ["", ""],
])(
  "search words are cut to 8 words and 200 characters, which the API accepts: %j",
  async (q, words) => {
    expect((await parse({ q })).words).toBe(words);
  },
);

test("the URL's filters become the API's filter, and each filter has a chip that removes only this filter", async () => {
  const { variables, chips } = await parse({
    q: "ada",
    state: "locked",
    provider: "Google",
    "created-from": "2026-11-01",
    "created-to": "2026-11-28",
    sort: "-email",
  });
  expect(variables.filter).toEqual({
    state: "LOCKED",
    provider: "oauth_google",
    createdAt: { from: "2026-11-01T00:00:00.000Z", until: "2026-11-29T00:00:00.000Z" },
  });
  expect(variables.orderBy).toEqual({ field: "EMAIL", direction: "DESC" });
  expect(chips.map(({ label }) => label)).toEqual([
    ...["State: Locked", "Connected account: Google", "Created: 2026-11-01 to 2026-11-28"],
  ]);
  expect(chips[2]?.removed).toBe("/list?q=ada&state=locked&provider=Google&sort=-email");
});

test.each([
  { state: "gone" },
  { state: ["locked", "banned"] },
  { "created-from": "yesterday" },
  { "created-from": "2026-02-30" },
  { sort: "password" },
  { unknown: "x" },
])("an unknown or invalid parameter of the list's URL is ignored: %j", async (parameters) => {
  const { kept, chips, variables } = await parse(parameters);
  expect(kept).toEqual({});
  expect({ filter: variables.filter, chips }).toEqual({ filter: null, chips: [] });
  expect(variables.orderBy).toEqual({ field: "CREATED_AT", direction: "DESC" });
});

test("a header's link sorts by its column, or reverses the order if already sorted by it, and opens the first page", async () => {
  const { sorting } = await parse({ q: "ada", state: "locked", sort: "name", after: "cursor" });
  const { hrefOf } = sorting;
  expect(hrefOf("NAME")).toBe("/list?q=ada&state=locked&sort=-name");
  expect(hrefOf("LAST_ACTIVE_AT")).toBe("/list?q=ada&state=locked&sort=-last_active_at");
  expect(hrefOf("CREATED_AT")).toBe("/list?q=ada&state=locked");
  expect(hrefOf("STATE")).toBeNull();
});

test("the pager keeps search, filters and order", async () => {
  const request = await parse({ q: "ada", state: "locked", sort: "name", before: "cursor" });
  const page = { hasNextPage: true, hasPreviousPage: false, startCursor: "s", endCursor: "e" };
  expect(pagerLinks(request, page)).toEqual({
    newer: null,
    older: "/list?q=ada&state=locked&sort=name&after=e",
  });
});
