import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder";
import { fingerprintOf, Ledger } from "./ledger";

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test("what was seen of another source is not read; cleared, nothing is, until something is noted", () => {
  const before = new Ledger(folder.path, "before");
  before.note("bapi GET /v1/users");
  const now = new Ledger(folder.path, "now");
  expect([...now.read()]).toEqual([]);
  now.note("bapi GET /v1/jwks");
  new Ledger(folder.path, "now").note("bapi GET /v1/instance");
  expect([...now.read()].sort()).toEqual(["bapi GET /v1/instance", "bapi GET /v1/jwks"]);
  now.clear();
  expect([[...now.read()], [...before.read()]]).toEqual([[], []]);
  now.note("bapi GET /v1/jwks");
  expect([...now.read()]).toEqual(["bapi GET /v1/jwks"]);
});

test("a source is another one when a file of it changes, comes or moves", () => {
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  mkdirSync(join(folder.path, "inner"));
  write("inner/a.ts", "1");
  const seen = [fingerprintOf(folder.path)];
  write("README.md", "says nothing of what it does");
  expect(fingerprintOf(folder.path)).toBe(seen[0]);
  for (const [name, text] of [
    ["inner/a.ts", "2"],
    ["b.ts", "2"],
    ["c.test.ts", ""],
  ] as const) {
    write(name, text);
    seen.push(fingerprintOf(folder.path));
  }
  expect(new Set(seen).size).toBe(4);
});
