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
    ...["State: Locked", "Connected account: Google", "Created: 1 Nov 2026 to 28 Nov 2026"],
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
  expect(hrefOf("STATE")).toBe("/list?q=ada&state=locked&sort=-state");
  expect(hrefOf("NO_COLUMN")).toBeNull();
});

test("the pager's links keep search, filters and order", async () => {
  const request = await parse({ q: "ada", state: "locked", sort: "name", before: "cursor" });
  const page = { hasNextPage: true, hasPreviousPage: false, startCursor: "s", endCursor: "e" };
  expect(pagerLinks(request, page, 50)).toEqual({
    previous: null,
    next: "/list?q=ada&state=locked&sort=name&after=e",
  });
});

test("the next page starts one page size after the current row number, the previous page one page size before it, and an invalid ?from= is ignored", async () => {
  const page = { hasNextPage: true, hasPreviousPage: true, startCursor: "s", endCursor: "e" };
  const first = await parse({ size: "25" });
  expect(first).toMatchObject({ from: 1, size: 25, variables: { first: 25 } });
  expect(pagerLinks(first, page, 25).next).toBe("/list?size=25&after=e&from=26");
  const third = await parse({ size: "25", after: "x", from: "51" });
  expect(pagerLinks(third, page, 25).previous).toBe("/list?size=25&before=s&from=26");
  for (const from of ["-1", "0", "1e9", "x".repeat(10_000), "12345678901"])
    expect((await parse({ after: "x", from })).from).toBeNull();
});

test("columns in the URL that the list does not have are ignored, and a notice names them", async () => {
  const columns = [
    { id: "email", label: "Email", isOptional: false },
    { id: "state", label: "State", isOptional: false },
  ];
  const given = Promise.resolve({ columns: "state,gone,state,<b>,email", sort: "-shoe_size" });
  const { layout, notices, variables } = await parseListRequest(
    ...(["/list", given, userControls, columns] as const),
  );
  expect(layout.columns).toEqual(["state", "email"]);
  expect(notices).toEqual([
    "This list has no column “gone” any more. The others are shown.",
    "This list cannot be sorted by “shoe_size” any more. It has its own order.",
  ]);
  expect(variables.orderBy).toEqual({ field: "CREATED_AT", direction: "DESC" });
});

test("the link that opens the side sheet keeps the list's page, and the link that closes it leads back to that page", async () => {
  const { layout, sheetClosedHref } = await parse({
    q: "ada",
    after: "c",
    from: "51",
    show: "u_1",
  });
  expect(layout.shownId).toBe("u_1");
  expect(layout.sheetHrefOf?.("u&2")).toBe("/list?q=ada&after=c&from=51&show=u%262");
  expect(sheetClosedHref).toBe("/list?q=ada&after=c&from=51");
});
