/**
 * Checks that Biome enforces the import table of docs/contributing.md: plants one violation per rule and expects Biome to
 * report it.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";

const root = fileURLToPath(new URL("../..", import.meta.url));
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
const scratch = mkdtempSync(join(tmpdir(), "rollcall-boundaries-"));
const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
writeFileSync(
  join(scratch, "biome.json"),
  JSON.stringify({ ...config, vcs: { enabled: false }, root: true }),
);
afterAll(() => rmSync(scratch, { recursive: true }));

const report = z.object({
  summary: z.object({ unchanged: z.number() }),
  diagnostics: z.array(
    z.object({ category: z.string(), location: z.object({ path: z.string() }) }),
  ),
});

type Planted = { file: string; source: string; rules: string[] };

/**
 * Lints these files in one run of Biome, as if they were in the repository. Stores in each case the rules that Biome reported.
 */
function lintTogether(planted: Planted[]): void {
  for (const { file, source } of planted) {
    mkdirSync(dirname(join(scratch, file)), { recursive: true });
    writeFileSync(join(scratch, file), source);
  }
  const { stdout } = spawnSync(
    process.execPath,
    [
      biome,
      "lint",
      "--reporter=json",
      "--max-diagnostics=none",
      ...planted.map(({ file }) => file),
    ],
    { cwd: scratch, encoding: "utf8" },
  );
  for (const { file } of planted) rmSync(join(scratch, file));
  const { summary, diagnostics } = report.parse(JSON.parse(stdout));
  expect(summary.unchanged).toBe(planted.length);
  for (const each of planted) {
    each.rules = diagnostics
      .filter(({ location }) => location.path === each.file)
      .map(({ category }) => category);
  }
}

const all: Planted[] = [];
function plant(file: string, source: string): Planted {
  const planted = { file, source, rules: [] };
  all.push(planted);
  return planted;
}

/**
 * Several cases plant the same file, and one run of Biome can lint only one version of a file. So each run lints the first
 * remaining case of every file.
 */
beforeAll(() => {
  let remaining = all;
  while (remaining.length > 0) {
    const files = new Map(remaining.toReversed().map((planted) => [planted.file, planted]));
    const run = [...files.values()];
    lintTogether(run);
    remaining = remaining.filter((planted) => !run.includes(planted));
  }
});

const planting = (file: string, from: string) => ({
  file,
  from,
  planted: plant(file, `import { x } from "${from}";\nexport const y = x;\n`),
});

test.each([
  planting("lib/env.ts", "./db"),
  planting("lib/paths.ts", "@/lib/env"),
  planting("middleware.ts", "@/lib/db"),
  planting("lib/db.ts", "./sync/mirror/apply"),
  planting("lib/identity/x.ts", "../graphql/schema"),
  planting("lib/identity/x.ts", "../sync/inbox/receive"),
  planting("lib/sync/inbox/x.ts", "../../identity/viewer"),
  planting("lib/sync/inbox/x.ts", "./../../identity/viewer"),
  planting("lib/live/x.ts", "../identity/viewer"),
  planting("lib/telemetry/x.ts", "../graphql/schema"),
  planting("lib/telemetry/tracing.ts", "../db"),
  planting("lib/graphql/x.ts", "../query/query"),
  planting("lib/query/x.ts", "../db"),
  planting("components/ui/x.tsx", "@/components/x"),
  planting("components/ui/x.tsx", "../x"),
  planting("components/x.tsx", "@/lib/db"),
  planting("components/x.tsx", "next/link"),
  planting("components/ui/x.tsx", "next/link"),
  planting("app/(site)/page.tsx", "next/link"),
  planting("components/x.tsx", "@/lib/intents/registry"),
  planting("components/auth-flows/x.tsx", "@/components/member/home"),
  planting("components/auth-flows/x.tsx", "@/lib/document"),
  planting("components/auth-flows/x.tsx", "next/link"),
  planting("lib/erasure/x.ts", "../social/wishlist"),
  planting("lib/acts/x.ts", "../sync/mirror/apply"),
  planting("lib/invitations/x.ts", "../sync/mirror/apply"),
  planting("lib/invitation-ticket.ts", "./db"),
  planting("lib/social/x.ts", "../identity/viewer"),
  planting("lib/social/x.ts", "../intents/run"),
  planting("lib/account/x.ts", "../social/wishlist"),
  planting("lib/intents/x.ts", "../graphql/schema"),
  planting("lib/intents/x.ts", "../social/wishlist"),
  planting("app/(session)/(member)/home/page.tsx", "@/lib/db"),
  planting("app/(session)/admin/page.tsx", "@/lib/sync/mirror/apply"),
  planting("app/(session)/admin/page.tsx", "../../../lib/db"),
  planting("app/api/x/route.ts", "@/components/x"),
  planting("dev/x.ts", "../lib/db"),
  planting("dev/local-clerk/bapi/x.ts", "../../../lib/clerk"),
  planting("dev/local-clerk/x.ts", "@/lib/sync/inbox/receive"),
  planting("dev/local-clerk/store/x.ts", "../../run/lock"),
  planting("dev/local-clerk/x.ts", "../user-error"),
  planting("dev/local-clerk/x.ts", "./../user-error"),
  planting("dev/local-clerk/cli/x.ts", "../../user-error"),
  planting("dev/local-clerk/store/x.ts", "../context"),
  planting("dev/local-clerk/instance/x.ts", "../resources/user"),
  planting("dev/local-clerk/resources/x.ts", "../webhooks/events"),
  planting("dev/local-clerk/webhooks/x.ts", "../sessions/sessions"),
  planting("dev/local-clerk/sessions/x.ts", "../accounts/users"),
  planting("dev/local-clerk/accounts/x.ts", "../organizations/organizations"),
  planting("dev/local-clerk/organizations/x.ts", "../authentication/oauth"),
  planting("dev/local-clerk/authentication/x.ts", "../simulation/seed"),
  planting("dev/local-clerk/simulation/x.ts", "../fapi/form"),
  planting("dev/local-clerk/simulation/x.ts", "../start"),
  planting("dev/local-clerk/bapi/x.ts", "../fapi/form"),
  planting("dev/local-clerk/fapi/x.ts", "../control/shapes"),
  planting("dev/local-clerk/control/x.ts", "../bapi/call"),
  planting("lib/sync/event/x.ts", "../mirror/apply"),
  planting("lib/sync/mirror/x.ts", "../reconcile/drift"),
  planting("lib/sync/reconcile/x.ts", "../monitoring/health"),
  planting("lib/sync/monitoring/x.ts", "../inbox/record"),
  planting("lib/sync/monitoring/rules/x.ts", "../find-facts"),
  planting("lib/sync/event/x.ts", "../../db"),
  planting("lib/graphql/limits/x.ts", "../transport/http"),
  planting("lib/graphql/types/x.ts", "../limits/query-cost"),
  planting("lib/graphql/types/x.ts", "../../worker/start"),
  planting("lib/graphql/transport/x.ts", "../../query/query"),
  planting("lib/errors.ts", "./log"),
  planting("lib/sync/inbox/x.ts", "@/dev/testing/sign"),
  planting("lib/anything-new.ts", "@/dev/testing/sign"),
  planting("lib/anything-new.ts", "../dev/run/lock"),
  planting("prisma/x.ts", "../dev/run/lock"),
  planting("lib/worker/x.ts", "../graphql/schema"),
  planting("lib/sync/mirror/x.ts", "../../effects/subscribers"),
  planting("lib/sync/inbox/x.ts", "../../effects/subscribers"),
  planting("lib/effects/x.ts", "../sync/inbox/record"),
  planting("lib/effects/x.ts", "../social/wishlist"),
  planting("lib/effects/feed/x.ts", "../../sync/inbox/record"),
  planting("lib/worker/x.ts", "@/dev/run/lock"),
  planting("lib/command/x.ts", "../query/query"),
  planting("lib/doctor/x.ts", "../graphql/schema"),
  planting("lib/sync/inbox/x.ts", "@/dev/prove/tutorial-handler"),
  planting("app/api/x/route.ts", "@/dev/testing/sign"),
])("Biome reports an import of $from in $file", ({ planted }) => {
  expect(planted.rules).toContain("lint/style/noRestrictedImports");
});

test.each([
  planting("lib/db.ts", "./env"),
  planting("lib/identity/x.ts", "../sync/mirror/apply"),
  planting("lib/identity/x.ts", "../live/listener"),
  planting("lib/graphql/x.ts", "../identity/viewer"),
  planting("components/x.tsx", "@/lib/document"),
  planting("components/auth-flows/x.tsx", "@/components/ui/button"),
  planting("components/auth-flows/x.tsx", "@/lib/paths"),
  planting("components/x.tsx", "@/lib/intents/action-types"),
  planting("lib/social/x.ts", "../intents/guarded-action"),
  planting("lib/account/x.ts", "../identity/viewer"),
  planting("lib/intents/x.ts", "../social/actions"),
  planting("lib/effects/handlers.ts", "../social/wishlist"),
  planting("lib/effects/handlers.ts", "./feed/family"),
  planting("lib/effects/feed/x.ts", "../effect"),
  planting("lib/worker/x.ts", "../effects/runner"),
  planting("app/(session)/admin/page.tsx", "@/lib/query/query"),
  planting("app/api/x/route.ts", "@/lib/sync/inbox/receive"),
  planting("lib/sync/inbox/x.test.ts", "@/dev/testing/sign"),
  planting("lib/sync/inbox/x.ts", "../monitoring/canary"),
  planting("lib/sync/inbox/x.ts", "../../db"),
  planting("lib/graphql/transport/x.ts", "../server"),
  planting("dev/prove/x.ts", "../../lib/sync/reconcile/reconcile"),
  planting("dev/local-clerk/x.ts", "./store/state"),
  planting("dev/local-clerk/store/x.ts", "../user-error"),
  planting("dev/local-clerk/sessions/x.ts", "../context"),
  planting("dev/local-clerk/simulation/x.ts", "../authentication/passwords"),
  planting("dev/local-clerk/store/x.test.ts", "../testing/site"),
])("Biome allows an import of $from in $file", ({ planted }) => {
  expect(planted.rules).not.toContain("lint/style/noRestrictedImports");
});

const circle = [
  plant("dev/local-clerk/circle/x.ts", 'import type { Y } from "./y";\nexport type X = Y | 1;\n'),
  plant(
    "dev/local-clerk/circle/y.ts",
    'import type { X } from "./x";\nexport type Y = X | null;\n',
  ),
];
test("Biome reports an import cycle of types in the local Clerk", () => {
  for (const { rules } of circle) expect(rules).toContain("lint/suspicious/noImportCycles");
});

test.each(
  ["lib/sync/inbox/x.ts", "app/(session)/admin/page.tsx", "components/x.tsx"].map((file) => ({
    file,
    planted: plant(file, "export const y = process.env.X;\n"),
  })),
)("Biome reports process.env in $file", ({ planted }) => {
  expect(planted.rules).toContain("lint/style/noProcessEnv");
});
