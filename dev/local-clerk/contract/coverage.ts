// `npm run clerk:coverage`: which operations and events of Clerk's published files the local Clerk has,
// which of them a test has seen to answer in the published shape, and which it answers with 501.
// `--list` runs no tests: it goes by those that have run on the source as it is.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startLocalClerk } from "../start";
import { eventTypes } from "../webhooks/events";
import { ledgerOfThisSource } from "./ledger";
import { type Api, operationsOf, webhookTypes } from "./openapi";

const titles = { bapi: "Backend API", fapi: "Frontend API" } as const;
/** Redirects and documents: they have no JSON that could be held against a shape. */
const withoutShape = /handshake|oauth_callback|tickets\/accept|v1\/verify/;

async function main(): Promise<void> {
  const isListing = process.argv.includes("--list");
  if (!isListing && !runTests()) process.exitCode = 1;
  const seen = ledgerOfThisSource().read();
  const implemented = await implementedRoutes();
  const unseen: string[] = [];
  for (const api of ["bapi", "fapi"] as const) {
    const all = operationsOf(api);
    const has = all.filter((each) => implemented.has(keyOf(api, each.method, each.path)));
    console.log(`\n${titles[api]}: ${has.length} of ${all.length} operations`);
    for (const each of all) {
      const name = `${api} ${each.method} ${each.path}`;
      const isThere = has.includes(each);
      const isProved = seen.has(name) || (isThere && withoutShape.test(each.path));
      if (isThere && !isProved) unseen.push(name);
      console.log(`  ${isThere ? (isProved ? "✓" : "?") : "·"} ${each.method} ${each.path}`);
    }
  }
  const types = webhookTypes();
  const sent: ReadonlySet<string> = new Set(eventTypes);
  console.log(`\nWebhooks: ${types.filter((type) => sent.has(type)).length} of ${types.length}`);
  for (const type of types) {
    const isProved = seen.has(`webhook ${type}`);
    if (sent.has(type) && !isProved) unseen.push(type);
    console.log(`  ${sent.has(type) ? (isProved ? "✓" : "?") : "·"} ${type}`);
  }
  console.log("\n✓ implemented and seen by a test   ? implemented, not seen   · answers 501\n");
  if (isListing) console.log(seenBy(seen));
  else if (unseen.length > 0) {
    console.log(`No test has seen: ${unseen.join(", ")}`);
    process.exitCode = 1;
  }
}

function seenBy(seen: ReadonlySet<string>): string {
  return seen.size > 0
    ? "Seen by the tests that have run on this source so far; without --list all of them run."
    : "No test has run on this source yet: without --list they do.";
}

function runTests(): boolean {
  ledgerOfThisSource().clear();
  const projects = ["--project", "unit", "--project", "local-clerk"];
  const args = ["vitest", "run", "dev/local-clerk", ...projects, "--reporter", "dot"];
  return spawnSync("npx", args, { stdio: "inherit" }).status === 0;
}

async function implementedRoutes(): Promise<Set<string>> {
  const dataDir = mkdtempSync(join(tmpdir(), "local-clerk-coverage-"));
  const clerk = await startLocalClerk({ port: 0, dataDir, appUrl: "http://localhost:9" });
  await clerk.close();
  rmSync(dataDir, { recursive: true, force: true });
  return new Set(
    clerk.routes.flatMap(({ method, path }) => {
      const [, api, rest = ""] = /^\/(bapi|fapi)(\/.*)$/.exec(path) ?? [];
      return api === "bapi" || api === "fapi" ? [keyOf(api, method, rest)] : [];
    }),
  );
}

function keyOf(api: Api, method: string, path: string): string {
  return `${api} ${method} ${path.replaceAll(/\{[^}]+\}|:[A-Za-z]+/g, "*")}`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
