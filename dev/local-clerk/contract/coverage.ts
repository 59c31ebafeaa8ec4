// `npm run clerk:coverage`: runs the tests of the local Clerk and prints the coverage table. `--write` also writes COVERAGE.md.
// `--list` runs no tests, and uses the results recorded for the current source.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLocalClerk } from "../start";
import { runMain } from "../user-error";
import { coverageSections, type Row, toMarkdown, withExistingTests } from "./coverage-table";
import { ledgerOfThisSource } from "./ledger";

const packageFolder = fileURLToPath(new URL("..", import.meta.url));

async function main(): Promise<number> {
  const isListing = process.argv.includes("--list");
  const isTested = isListing || runTests();
  const clerk = await startLocalClerk();
  await clerk.close();
  const sections = coverageSections(
    clerk.routes,
    withExistingTests(packageFolder, ledgerOfThisSource().read()),
  );
  for (const { title, rows } of sections) {
    const implemented = rows.filter(({ isImplemented }) => isImplemented);
    console.log(`\n${title}: ${implemented.length} of ${rows.length}`);
    for (const row of rows) console.log(`  ${markOf(row)} ${row.name}`);
  }
  console.log(
    "\n✓ implemented, seen by a test   ? implemented, not seen   · not implemented (501)\n",
  );
  const unseen = sections.flatMap(({ rows }) => rows.filter((row) => markOf(row) === "?"));
  if (unseen.length > 0) {
    const names = unseen.map(({ name }) => name).join(", ");
    const cause = isListing ? "by the tests that have run on this source" : "by any test";
    console.log(`Not seen ${cause}: ${names}`);
    return 1;
  }
  if (process.argv.includes("--write")) {
    writeFileSync(join(packageFolder, "COVERAGE.md"), toMarkdown(sections));
    console.log("Wrote dev/local-clerk/COVERAGE.md.");
  }
  return isTested ? 0 : 1;
}

function markOf({ isImplemented, test }: Row): string {
  if (!isImplemented) return "·";
  return test ? "✓" : "?";
}

function runTests(): boolean {
  ledgerOfThisSource().clear();
  const projects = ["--project", "unit", "--project", "local-clerk"];
  const args = ["vitest", "run", "dev/local-clerk", ...projects, "--reporter", "dot"];
  return spawnSync("npx", args, { stdio: "inherit" }).status === 0;
}

void runMain(main);
