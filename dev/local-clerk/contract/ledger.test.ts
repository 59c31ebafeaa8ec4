import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { temporaryFolder } from "../testing/temporary-folder";
import { fingerprintOf, Ledger } from "./ledger";

const here = { file: "contract/ledger.test.ts", name: "a test" };
const there = { file: "tests/lists.test.ts", name: "another test" };

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

test("the ledger returns each test recorded for the current version of the source once, and no test of another version", () => {
  new Ledger(folder.path, "before").record("bapi GET /v1/users", here);
  const ledger = new Ledger(folder.path, "now");
  expect([...ledger.read()]).toEqual([]);
  ledger.record("bapi GET /v1/jwks", here);
  ledger.record("bapi GET /v1/jwks", here);
  new Ledger(folder.path, "now").record("bapi GET /v1/jwks", there);
  new Ledger(folder.path, "now").record("bapi GET /v1/instance", there);
  expect(ledger.read()).toEqual(
    new Map([
      ["bapi GET /v1/jwks", [here, there]],
      ["bapi GET /v1/instance", [there]],
    ]),
  );
});

test("clear deletes the ledgers of all versions of the source, and the next recording starts a new ledger", () => {
  const [before, ledger] = [new Ledger(folder.path, "before"), new Ledger(folder.path, "now")];
  before.record("bapi GET /v1/users", here);
  ledger.record("bapi GET /v1/users", here);
  ledger.clear();
  expect([ledger.read().size, before.read().size]).toEqual([0, 0]);
  ledger.record("bapi GET /v1/jwks", here);
  expect([...ledger.read().keys()]).toEqual(["bapi GET /v1/jwks"]);
});

test("the fingerprint changes when a source file is changed, added or moved, but not when the README changes", () => {
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  mkdirSync(join(folder.path, "inner"));
  write("inner/a.ts", "1");
  const seen = [fingerprintOf(folder.path)];
  write("README.md", "Not a source file.");
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
