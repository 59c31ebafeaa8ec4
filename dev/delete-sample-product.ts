/**
 * `npx tsx dev/delete-sample-product.ts`: deletes the sample product (countries, wishlists, profiles) from this checkout, and
 * regenerates the files derived from the GraphQL schema. The product's tables stay: their models are at the end of
 * `prisma/schema.prisma`, so that a migration of yours can drop them.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runMain, UserError } from "../lib/errors";

const PATHS = [
  "app/(session)/(member)/settings/profile",
  "app/(session)/(member)/wishlist",
  "app/(site)/(social)",
  "components/social",
  "dev/bench/erasure.ts",
  "dev/bench/pages.ts",
  "dev/bench/social.ts",
  "dev/checks/delete-sample-product.test.ts",
  // The proof of erasures and this helper use the follows of the sample product.
  "dev/prove/erasure",
  "dev/testing/erasure-leftovers.ts",
  "dev/testing/social.ts",
  "e2e/social",
  "lib/account/sample-product.db.test.ts",
  "lib/account/sample-product.ts",
  "lib/effects/sample-product.db.test.ts",
  "lib/effects/sample-product.ts",
  "lib/erasure/bad-times.db.test.ts",
  "lib/erasure/social.db.test.ts",
  "lib/graphql/types/country.ts",
  "lib/graphql/types/feed.ts",
  "lib/graphql/types/profile.ts",
  "lib/graphql/types/wishlist.ts",
  // This test uses the actions of the sample product.
  "lib/intents/intents.db.test.ts",
  "lib/social",
];

/** In a file that is kept, each line that belongs to the sample product ends with this comment. */
const MARKED = /^.*(?:\/\/|#|\{\/\*) part of the sample product(?: \*\/\})?$\n/gm;

function deleteMarkedLines(folder: string): void {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
  for (const file of files.filter((name) => /\.tsx?$/.test(name))) {
    if (/node_modules|^generated/.test(file)) continue;
    const path = join(folder, file);
    const text = readFileSync(path, "utf8");
    const kept = text.replaceAll(MARKED, "");
    if (kept !== text) writeFileSync(path, kept);
  }
}

function run(...command: string[]): void {
  const { status } = spawnSync("npx", command, { stdio: "inherit" });
  if (status !== 0) throw new UserError(`npx ${command.join(" ")} failed. See its output above.`);
}

async function main(): Promise<void> {
  for (const path of PATHS) rmSync(path, { recursive: true });
  for (const folder of ["app", "components", "lib", "dev", "e2e"]) deleteMarkedLines(folder);
  const scripts = readFileSync("package.json", "utf8");
  writeFileSync("package.json", scripts.replace(/^ *"bench:(erasure|pages|social)".*\n/gm, ""));
  run("next", "typegen");
  run("tsx", "lib/command/graphql-print.ts");
  run("gql.tada", "generate-output");
  run("tsx", "lib/command/graphql-documents.ts");
}

await runMain(main);
