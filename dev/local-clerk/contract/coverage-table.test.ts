import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startLocalClerk } from "../start";
import { coverageSections, fromMarkdown, hasTest, toMarkdown } from "./coverage-table";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));
const coverageFile = fileURLToPath(new URL("../COVERAGE.md", import.meta.url));

test("COVERAGE.md agrees with the implemented operations and names only tests that exist", async () => {
  const clerk = await startLocalClerk();
  await clerk.close();
  const isImplementedIn = (sections: ReturnType<typeof fromMarkdown>) =>
    sections.map(({ title, rows }) => ({
      title,
      names: rows.map(({ name, isImplemented }) => `${name}: ${isImplemented}`).sort(),
    }));
  const written = existsSync(coverageFile) ? fromMarkdown(readFileSync(coverageFile, "utf8")) : [];
  const remedy = "COVERAGE.md is out of date: run npm run clerk:coverage -- --write";
  expect(isImplementedIn(written), remedy).toEqual(
    isImplementedIn(coverageSections(clerk.routes, new Map())),
  );
  const implemented = written.flatMap(({ rows }) => rows.filter((row) => row.isImplemented));
  const outdated = implemented.filter(({ test }) => !test || !hasTest(packageFolder, test));
  expect(
    outdated.map(({ name, test }) => `${name}: ${test?.name}`),
    remedy,
  ).toEqual([]);
});

test("the coverage table names, for each operation, the test that covers the fewest other operations, and fromMarkdown parses its Markdown", () => {
  const wide = { file: "tests/a.test.ts", name: "everything | at <once>" };
  const narrow = { file: "tests/b.test.ts", name: "users are counted" };
  const sightings = new Map([
    ["bapi GET /v1/users/count", [wide, narrow]],
    ["bapi GET /v1/users", [wide]],
    ["webhook user.created", [wide]],
  ]);
  const routes = [
    { method: "GET", path: "/bapi/v1/users/count" },
    { method: "GET", path: "/bapi/v1/users" },
  ];
  const sections = coverageSections(routes, sightings);
  const [backend] = sections;
  const testOf = (name: string) => backend?.rows.find((row) => row.name === name)?.test;
  expect(testOf("GET /v1/users/count")).toEqual(narrow);
  expect(testOf("GET /v1/users")).toEqual(wide);
  const readBack = fromMarkdown(toMarkdown(sections));
  const rowsOf = ({ rows }: (typeof sections)[number]) =>
    rows
      .map((row) => (row.isImplemented ? row : { ...row, test: undefined }))
      .sort((a, b) => a.name.localeCompare(b.name));
  expect(readBack.map(rowsOf)).toEqual(sections.map(rowsOf));
});

test("a test is found by its name, also inside a group and with parameters", () => {
  const file = "contract/coverage-table.test.ts";
  const has = (name: string) => hasTest(packageFolder, { file, name });
  expect(has("a test is found by its name, also inside a group and with parameters")).toBe(true);
  expect(
    has("a group > a test is found by its name, also inside a group and with parameters"),
  ).toBe(true);
  const examples = ["a user with %s is refused", `a user of ${file} is found`];
  expect(examples).toHaveLength(2);
  expect(has("a user with no name is refused")).toBe(true);
  expect(has("a user of here is found")).toBe(true);
  expect(has(["no test", "has this name"].join(" "))).toBe(false);
  expect(hasTest(packageFolder, { file: "tests/none.test.ts", name: "a test" })).toBe(false);
});
