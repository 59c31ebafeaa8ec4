import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { prepareNextCache } from "./next-cache";

let root: string;

const ENV: NodeJS.ProcessEnv = {
  NODE_ENV: "development",
  PORT: "3000",
  APP_URL: "http://localhost:3000",
  NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: "pk_test_one",
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "rollcall-next-cache-"));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function start(env: NodeJS.ProcessEnv = ENV) {
  return prepareNextCache({ root, recordFile: join(root, ".rollcall/next-cache.json"), env });
}

/** Simulates a run that has filled the cache and has then exited by itself, or was killed. */
function runOnce(end: "cleanly" | "killed" = "cleanly"): void {
  const cache = start();
  mkdirSync(join(root, ".next/dev"), { recursive: true });
  if (end === "cleanly") cache.markClean();
}

const isKept = () => existsSync(join(root, ".next/dev"));

describe("the cache of Turbopack", () => {
  test("the cache of Turbopack is reused by a start with the same inputs after a clean end", () => {
    runOnce();
    expect(start().wasDeleted).toBe(false);
    expect(isKept()).toBe(true);
  });

  test("the cache of Turbopack is reused by a start with other values of variables that do not affect compilation", () => {
    runOnce();
    start({ ...ENV, SHLVL: "7", ROLLCALL_DEV_RUN: "another" });
    expect(isKept()).toBe(true);
  });

  test.each([
    ["port", { PORT: "3010" }],
    ["origin", { APP_URL: "http://127.0.0.1:3000" }],
    ["Clerk key", { NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY: "pk_test_two" }],
    ["Clerk variable that was not set before", { CLERK_API_URL: "http://127.0.0.1:4011/bapi" }],
  ])("the cache of Turbopack is deleted by a start with another %s", (_, change) => {
    runOnce();
    expect(start({ ...ENV, ...change }).wasDeleted).toBe(true);
    expect(isKept()).toBe(false);
  });

  test.each([
    ".env",
    ".env.local",
    ".env.development",
    "next.config.ts",
    "package-lock.json",
    "node_modules/.package-lock.json",
    "node_modules/next/package.json",
  ])("the cache of Turbopack is deleted by a start with another %s", (name) => {
    mkdirSync(join(root, "node_modules/next"), { recursive: true });
    writeFileSync(join(root, name), "before");
    runOnce();
    writeFileSync(join(root, name), "after");
    expect(start().wasDeleted).toBe(true);
    expect(isKept()).toBe(false);
  });

  test("the cache of Turbopack is deleted after a run that was killed", () => {
    runOnce("killed");
    expect(start().wasDeleted).toBe(true);
    expect(isKept()).toBe(false);
  });

  test("the cache of Turbopack is deleted when there is no record of the run that made it", () => {
    mkdirSync(join(root, ".next/dev"), { recursive: true });
    expect(start().wasDeleted).toBe(true);
    expect(isKept()).toBe(false);
  });

  test("the cache of Turbopack is deleted when the record of the last run is damaged", () => {
    runOnce();
    writeFileSync(join(root, ".rollcall/next-cache.json"), "{");
    expect(start().wasDeleted).toBe(true);
    expect(isKept()).toBe(false);
  });
});
