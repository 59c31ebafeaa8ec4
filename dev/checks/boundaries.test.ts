/** Is the import table of docs/contributing.md really enforced? Plants one violation per rule and sees Biome catch it. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const biome = join(root, "node_modules/@biomejs/biome/bin/biome");
const scratch = mkdtempSync(join(tmpdir(), "rollcall-boundaries-"));
const config = JSON.parse(readFileSync(join(root, "biome.json"), "utf8"));
writeFileSync(
  join(scratch, "biome.json"),
  JSON.stringify({ ...config, vcs: { enabled: false }, root: true }),
);
afterAll(() => rmSync(scratch, { recursive: true }));

/** Lints one file with these lines in it, as if it lay there; the output names the broken rules. */
function lint(file: string, source: string): string {
  const path = join(scratch, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, source);
  const { stdout, stderr } = spawnSync(process.execPath, [biome, "lint", file], {
    cwd: scratch,
    encoding: "utf8",
  });
  rmSync(path);
  return stdout + stderr;
}

const importing = (from: string) => `import { x } from "${from}";\nexport const y = x;\n`;

test.each([
  ["lib/env.ts", "./db"],
  ["lib/paths.ts", "@/lib/env"],
  ["middleware.ts", "@/lib/db"],
  ["lib/db.ts", "./sync/mirror/apply"],
  ["lib/identity/x.ts", "../graphql/schema"],
  ["lib/identity/x.ts", "../sync/inbox/receive"],
  ["lib/sync/inbox/x.ts", "../../identity/viewer"],
  ["lib/sync/inbox/x.ts", "./../../identity/viewer"],
  ["lib/live/x.ts", "../identity/viewer"],
  ["lib/graphql/x.ts", "../query/query"],
  ["lib/query/x.ts", "../db"],
  ["components/ui/x.tsx", "@/components/x"],
  ["components/ui/x.tsx", "../x"],
  ["components/x.tsx", "@/lib/db"],
  ["app/(session)/(member)/home/page.tsx", "@/lib/db"],
  ["app/(session)/admin/page.tsx", "@/lib/sync/mirror/apply"],
  ["app/(session)/admin/page.tsx", "../../../lib/db"],
  ["app/api/x/route.ts", "@/components/x"],
  ["dev/x.ts", "../lib/db"],
  ["dev/local-clerk/bapi/x.ts", "../../../lib/clerk"],
  ["dev/local-clerk/x.ts", "@/lib/sync/inbox/receive"],
  ["dev/local-clerk/store/x.ts", "../../run/lock"],
  ["dev/local-clerk/x.ts", "../user-error"],
  ["dev/local-clerk/x.ts", "./../user-error"],
  ["dev/local-clerk/cli/x.ts", "../../user-error"],
  ["dev/local-clerk/store/x.ts", "../context"],
  ["dev/local-clerk/instance/x.ts", "../resources/user"],
  ["dev/local-clerk/resources/x.ts", "../webhooks/events"],
  ["dev/local-clerk/webhooks/x.ts", "../sessions/sessions"],
  ["dev/local-clerk/sessions/x.ts", "../accounts/users"],
  ["dev/local-clerk/accounts/x.ts", "../organizations/organizations"],
  ["dev/local-clerk/organizations/x.ts", "../authentication/oauth"],
  ["dev/local-clerk/authentication/x.ts", "../simulation/seed"],
  ["dev/local-clerk/simulation/x.ts", "../fapi/form"],
  ["dev/local-clerk/simulation/x.ts", "../start"],
  ["dev/local-clerk/bapi/x.ts", "../fapi/form"],
  ["dev/local-clerk/fapi/x.ts", "../control/shapes"],
  ["dev/local-clerk/control/x.ts", "../bapi/call"],
  ["lib/sync/event/x.ts", "../mirror/apply"],
  ["lib/sync/mirror/x.ts", "../reconcile/drift"],
  ["lib/sync/reconcile/x.ts", "../monitoring/health"],
  ["lib/sync/monitoring/x.ts", "../inbox/record"],
  ["lib/sync/event/x.ts", "../../db"],
  ["lib/graphql/limits/x.ts", "../transport/http"],
  ["lib/graphql/types/x.ts", "../limits/query-cost"],
  ["lib/graphql/types/x.ts", "../../worker/start"],
  ["lib/graphql/transport/x.ts", "../../query/query"],
  ["lib/errors.ts", "./log"],
  ["lib/sync/inbox/x.ts", "@/dev/testing/sign"],
  ["lib/anything-new.ts", "@/dev/testing/sign"],
  ["lib/anything-new.ts", "../dev/run/lock"],
  ["prisma/x.ts", "../dev/run/lock"],
  ["lib/worker/x.ts", "../graphql/schema"],
  ["lib/worker/x.ts", "@/dev/run/lock"],
  ["lib/command/x.ts", "../query/query"],
  ["lib/sync/inbox/x.ts", "@/dev/prove/tutorial-handler"],
  ["app/api/x/route.ts", "@/dev/testing/sign"],
])("%s may not import %s", (file, from) => {
  expect(lint(file, importing(from))).toContain("lint/style/noRestrictedImports");
});

test.each([
  ["lib/db.ts", "./env"],
  ["lib/identity/x.ts", "../sync/mirror/apply"],
  ["lib/identity/x.ts", "../live/listener"],
  ["lib/graphql/x.ts", "../identity/viewer"],
  ["components/x.tsx", "@/lib/document"],
  ["app/(session)/admin/page.tsx", "@/lib/query/query"],
  ["app/api/x/route.ts", "@/lib/sync/inbox/receive"],
  ["lib/sync/inbox/x.test.ts", "@/dev/testing/sign"],
  ["lib/sync/inbox/x.ts", "../monitoring/canary"],
  ["lib/sync/inbox/x.ts", "../../db"],
  ["lib/graphql/transport/x.ts", "../server"],
  ["dev/prove/x.ts", "../../lib/sync/reconcile/reconcile"],
  ["dev/local-clerk/x.ts", "./store/state"],
  ["dev/local-clerk/store/x.ts", "../user-error"],
  ["dev/local-clerk/sessions/x.ts", "../context"],
  ["dev/local-clerk/simulation/x.ts", "../authentication/passwords"],
  ["dev/local-clerk/store/x.test.ts", "../testing/site"],
])("%s may import %s", (file, from) => {
  const output = lint(file, importing(from));
  expect(output).toContain("Checked 1 file");
  expect(output).not.toContain("noRestrictedImports");
});

test("a circle of types is refused in the local Clerk as well", () => {
  const other = join(scratch, "dev/local-clerk/y.ts");
  mkdirSync(dirname(other), { recursive: true });
  writeFileSync(other, 'import type { X } from "./x";\nexport type Y = X | null;\n');
  const output = lint(
    "dev/local-clerk/x.ts",
    'import type { Y } from "./y";\nexport type X = Y | 1;\n',
  );
  rmSync(other);
  expect(output).toContain("lint/suspicious/noImportCycles");
});

test.each(["lib/sync/inbox/x.ts", "app/(session)/admin/page.tsx", "components/x.tsx"])(
  "%s may not read process.env",
  (file) => {
    expect(lint(file, "export const y = process.env.X;\n")).toContain("lint/style/noProcessEnv");
  },
);
