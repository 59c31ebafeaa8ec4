/**
 * Checks that the sample product can be deleted: in a copy of the repository without it, the remaining code must compile, and the
 * API must have none of the product's types.
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = mkdtempSync(join(tmpdir(), "rollcall-without-sample-"));
afterAll(() => rmSync(copy, { recursive: true }));

function run(command: string, ...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(command, args, { cwd: copy, encoding: "utf8" });
  expect([status, status === 0 ? "" : `${stdout}\n${stderr}`]).toEqual([0, ""]);
  return stdout;
}

test("without the sample product, the code compiles and the API has none of the product's types", () => {
  const { stdout } = spawnSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: root, encoding: "utf8" },
  );
  const files = stdout.split("\0").filter(Boolean);
  expect(files.length).toBeGreaterThan(300);
  for (const file of files) cpSync(join(root, file), join(copy, file), { recursive: true });
  cpSync(join(root, "lib/generated"), join(copy, "lib/generated"), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  run("npx", "tsx", "dev/delete-sample-product.ts");
  run(process.execPath, "node_modules/typescript-7/bin/tsc", "--noEmit");
  const schema = readFileSync(join(copy, "lib/graphql/schema.graphql"), "utf8");
  expect(schema).toContain("type Viewer");
  expect(schema).not.toMatch(/Country|Wishlist|Profile|Follow/);
  const leftOver = spawnSync(
    "grep",
    ["-rln", "sample product", "app", "components", "lib", "e2e"],
    {
      cwd: copy,
      encoding: "utf8",
    },
  ).stdout;
  expect(leftOver.split("\n").filter((path) => path && !path.includes("generated"))).toEqual([]);
}, 600_000);
