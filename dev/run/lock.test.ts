import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identify } from "../local-clerk/process-identity";
import { takeLock } from "./lock";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
  file = join(folder, ".rollcall", "dev.lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the lock of npm run dev", () => {
  test("a second npm run dev in one folder is refused with the holder's URL and pid, until the lock is released", async () => {
    const lock = await takeLock(file, "http://localhost:3000");
    await expect(takeLock(file, "http://localhost:3001")).rejects.toThrow(
      `Rollcall is already running from this folder: http://localhost:3000 (pid ${process.pid}).`,
    );
    lock.release();
    expect(existsSync(file)).toBe(false);
    const next = await takeLock(file, "http://localhost:3001");
    expect(next.leftBehind).toBeUndefined();
  });

  test("recordApp writes the app's process into the lock file, so that the next start finds it", async () => {
    const lock = await takeLock(file, "");
    lock.recordApp(process.pid);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      runId: lock.runId,
      app: identify(process.pid),
    });
  });
});
