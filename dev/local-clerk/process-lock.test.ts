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

/** This process, as if it had started at another time: a process that had the same pid before. */
const reused = { pid: process.pid, birth: "long ago" };

test("a lock is refused while a running process holds it, also when that is the same process", async () => {
  const lock = await take();
  await expect(take()).rejects.toThrow(`held by ${process.pid}`);
  lock.release();
  expect(existsSync(file)).toBe(false);
  expect((await take()).leftBehind).toBeUndefined();
});

test("a lock is refused while another process that runs holds it", async () => {
  leaveBehind(identify(process.ppid));
  await expect(take()).rejects.toThrow(`held by ${process.ppid}`);
});

test("the lock of a process that has exited is taken over, and the result has its record", async () => {
  const gone = spawn("true");
  await new Promise((resolve) => gone.once("exit", resolve));
  leaveBehind({ pid: gone.pid ?? 0, birth: "then" });
  expect((await take()).leftBehind?.runId).toBe("old");
  expect(readdirSync(folder.path)).toEqual(["lock"]);
});

test("a lock whose pid now belongs to a younger process is taken over", async () => {
  leaveBehind(reused);
  expect((await take()).leftBehind?.runId).toBe("old");
});

test("a lock file that cannot be read is taken over", async () => {
  writeFileSync(file, "{");
  await take();
  expect(readFileSync(file, "utf8")).toContain(`"pid":${process.pid}`);
});

test("of eight starts that find the same stale lock, one takes it over", async () => {
  leaveBehind(reused);
  const starts = await Promise.allSettled(Array.from({ length: 8 }, take));
  expect(starts.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("release leaves the lock of another holder in place", async () => {
  const lock = await take();
  leaveBehind(identify(process.ppid));
  lock.release();
  expect(existsSync(file)).toBe(true);
});

test("a killed local Clerk's folder is used again although its pid belongs to another process now", async () => {
  leaveBehind({ pid: process.ppid, birth: "long ago" });
  const clerk = await startLocalClerk({ dataDir: folder.path });
  await expect(startLocalClerk({ dataDir: folder.path })).rejects.toThrow(
    `${folder.path} is in use by process ${process.pid}. Stop it, or delete ${file}`,
  );
  await clerk.close();
  expect(existsSync(file)).toBe(false);
});
