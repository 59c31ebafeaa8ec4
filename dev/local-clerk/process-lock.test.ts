import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { identify } from "./process-identity";
import { lockRecord, newLockRecord, takeProcessLock } from "./process-lock";
import { startLocalClerk } from "./start";
import { temporaryFolder } from "./testing/temporary-folder";

let folder: ReturnType<typeof temporaryFolder>;
let file: string;

beforeEach(() => {
  folder = temporaryFolder();
  file = join(folder.path, "lock");
});
afterEach(() => folder.remove());

const take = () =>
  takeProcessLock({
    file,
    shape: lockRecord,
    record: newLockRecord(),
    refusal: ({ holder }) => new Error(`held by ${holder.pid}`),
  });

const leaveBehind = (holder: { pid: number; birth?: string }) =>
  writeFileSync(file, JSON.stringify({ runId: "old", holder }));

/** A lock record with this process's pid and another start time, as if an earlier process had had the same pid. */
const reused = { pid: process.pid, birth: "long ago" };

test("a process that holds the lock cannot take it a second time", async () => {
  const lock = await take();
  await expect(take()).rejects.toThrow(`held by ${process.pid}`);
  lock.release();
  expect(existsSync(file)).toBe(false);
  expect((await take()).leftBehind).toBeUndefined();
});

test("a process cannot take the lock while another running process holds it", async () => {
  leaveBehind(identify(process.ppid));
  await expect(take()).rejects.toThrow(`held by ${process.ppid}`);
});

test("the lock of an exited process is taken over, and leftBehind is that process's record", async () => {
  const gone = spawn("true");
  await new Promise((resolve) => gone.once("exit", resolve));
  leaveBehind({ pid: gone.pid ?? 0, birth: "then" });
  expect((await take()).leftBehind?.runId).toBe("old");
  expect(readdirSync(folder.path)).toEqual(["lock"]);
});

test("a lock is taken over when its pid belongs to a process that started later", async () => {
  leaveBehind(reused);
  expect((await take()).leftBehind?.runId).toBe("old");
});

test("a lock file that cannot be read is taken over", async () => {
  writeFileSync(file, "{");
  await take();
  expect(readFileSync(file, "utf8")).toContain(`"pid":${process.pid}`);
});

test("when eight processes find the same stale lock at once, exactly one takes it over", async () => {
  leaveBehind(reused);
  const starts = await Promise.allSettled(Array.from({ length: 8 }, take));
  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("release does not remove the lock file of another holder", async () => {
  const lock = await take();
  leaveBehind(identify(process.ppid));
  lock.release();
  expect(existsSync(file)).toBe(true);
});

test("the data folder of a killed local Clerk can be used again even if its pid now belongs to another process", async () => {
  leaveBehind({ pid: process.ppid, birth: "long ago" });
  const clerk = await startLocalClerk({ dataDir: folder.path });
  await expect(startLocalClerk({ dataDir: folder.path })).rejects.toThrow(
    `${folder.path} is in use by process ${process.pid}. Stop it, or delete ${file}`,
  );
  await clerk.close();
  expect(existsSync(file)).toBe(false);
});
