/** Follows the recipe of docs/sql.md in a copy of the repository: it adds a table, a GraphQL field, a page and their test. */
import { execSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { type Block, blocksOf, copyTree, follow, pathOf } from "./recipe";

const tree = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "rollcall-recipe-"));
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** Commands of the recipe that check the whole repository take a minute. These replacements check only the recipe's files. */
const narrowed: Record<string, string | null> = {
  "npx tsc --noEmit": "npx tsc --noEmit --project tsconfig.recipe.json",
  "npm run graphql:check": null,
  "npx vitest run lib/graphql/access lib/graphql/types -u": "npx vitest run lib/graphql/types/note",
};

function writeProject(blocks: Block[]): void {
  const written = blocks.flatMap((block) => pathOf(block) ?? []);
  const files = ["next-env.d.ts", ...written.filter((path) => /\.tsx?$/.test(path))];
  const project = { extends: "./tsconfig.json", include: [], files };
  writeFileSync(join(copy, "tsconfig.recipe.json"), JSON.stringify(project));
}

test("the recipe for an own table, field and page works when it is followed word for word", async () => {
  const document = readFileSync(join(tree, "docs/sql.md"), "utf8");
  const blocks = blocksOf(document, "## Recipe: your own table, field and page");
  copyTree(tree, copy);
  writeProject(blocks);
  const ran: string[] = [];
  const run = (line: string) => {
    ran.push(line);
    const command = narrowed[line] === undefined ? line : narrowed[line];
    if (command === null) return;
    // Passes no other variable, because the shell of a developer who follows the recipe has none of the variables of this test
    // run.
    const { PATH, HOME } = process.env;
    const env = { PATH, HOME, NODE_ENV: "development" } as const;
    execSync(command, { cwd: copy, encoding: "utf8", stdio: "pipe", env });
  };
  for (const block of blocks) follow(copy, block, run);
  expect(ran).toEqual(expect.arrayContaining(Object.keys(narrowed)));
  expect(readFileSync(join(copy, "lib/graphql/schema.graphql"), "utf8")).toContain(
    "notes: [Note!]!",
  );
  const { isMemberPath } = await import(join(copy, "lib/paths.ts"));
  expect(isMemberPath("/notes")).toBe(true);
}, 300_000);
