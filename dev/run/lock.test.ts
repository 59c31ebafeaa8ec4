import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { identify } from "../processes";
import { takeLock } from "./lock";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rollcall-lock-"));
  file = join(folder, ".rollcall", "dev.lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leaveBehind(holder: { pid: number; birth?: string }): void {
  writeFileSync(file, JSON.stringify({ runId: "old", url: "http://localhost:3000", holder }));
}

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

  test("the lock of a process that has exited is taken over, and the result names the earlier run", async () => {
    const gone = spawn("true");
    await new Promise((resolve) => gone.once("exit", resolve));
    (await takeLock(file, "")).release();
    leaveBehind({ pid: gone.pid ?? 0, birth: "then" });
    const lock = await takeLock(file, "http://localhost:3001");
    expect(lock.leftBehind?.runId).toBe("old");
    expect(readdirSync(join(folder, ".rollcall"))).toEqual(["dev.lock"]);
  });

  test("the lock is taken over when its pid has been reused by a younger process", async () => {
    (await takeLock(file, "")).release();
    leaveBehind({ pid: process.pid, birth: "long ago" });
    expect((await takeLock(file, "")).leftBehind?.runId).toBe("old");
  });

  test("a lock file that cannot be read is taken over", async () => {
    (await takeLock(file, "")).release();
    writeFileSync(file, "{");
    const lock = await takeLock(file, "");
    expect(readFileSync(file, "utf8")).toContain(lock.runId);
  });

  test("of eight starts that find the same stale lock, one takes it over", async () => {
    (await takeLock(file, "")).release();
    leaveBehind({ pid: process.pid, birth: "long ago" });
    const starts = await Promise.allSettled(Array.from({ length: 8 }, () => takeLock(file, "")));
    expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("the lock file records the app's process for the next start", async () => {
    const lock = await takeLock(file, "");
    lock.recordApp(process.pid);
    expect(JSON.parse(readFileSync(file, "utf8"))).toMatchObject({
      runId: lock.runId,
      app: identify(process.pid),
    });
  });
});
