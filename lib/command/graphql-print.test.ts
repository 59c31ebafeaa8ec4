import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sdl } from "./graphql-print";

const committed = (file: string) =>
  readFileSync(new URL(`../graphql/${file}`, import.meta.url), "utf8");

test("schema.graphql is up to date with the schema in code (else run npm run graphql:print)", () => {
  expect(committed("schema.graphql")).toBe(sdl);
});

test("introspection.d.ts is up to date with the schema in code (else run npm run graphql:print)", () => {
  const output = join(mkdtempSync(join(tmpdir(), "rollcall-tada-")), "introspection.d.ts");
  const args = ["node_modules/gql.tada/bin/cli.js", "generate-output", "--output", output];
  expect(spawnSync(process.execPath, args).status).toBe(0);
  expect(committed("introspection.d.ts")).toBe(readFileSync(output, "utf8"));
}, 60_000);
