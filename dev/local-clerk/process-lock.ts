// Allows one process per lock file. The file contains the holder's pid and start time. A lock is stale when no running process
// has both, even if a later process has the same pid. A stale lock is taken over. A process in another container is not visible,
// so its lock counts as stale.

import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { identify, isStillAlive, processIdentity } from "./process-identity";

/** The minimal content of a lock file. A lock file may have more fields. */
export const lockRecord = z.object({
  /** A new id each time the lock is taken: it distinguishes two locks that the same process took. */
  runId: z.string(),
  holder: processIdentity,
});
type LockRecord = z.infer<typeof lockRecord>;

type ProcessLock<T extends LockRecord> = {
  /** The record of an earlier holder that exited without releasing the lock; undefined when there was none. */
  leftBehind: T | undefined;
  /** Replaces the content of the lock file. */
  update(record: T): void;
  release(): void;
};

type LockOptions<T extends LockRecord> = {
  file: string;
  shape: z.ZodType<T>;
  record: T;
  /** Creates the error that is thrown when a running process holds the lock. */
  refusal: (current: T) => Error;
};

/** Creates the lock record of the current process. */
export function newLockRecord(): LockRecord {
  return { runId: randomUUID(), holder: identify(process.pid) };
}

/**
 * Takes the lock. The file's folder must exist. @throws `refusal` when a running process holds the lock, even if it is the
 * current process.
 */
export async function takeProcessLock<T extends LockRecord>(
  options: LockOptions<T>,
): Promise<ProcessLock<T>> {
  const { file, shape, record, refusal } = options;
  const readLock = (path: string): T | undefined => {
    try {
      return shape.safeParse(JSON.parse(readFileSync(path, "utf8"))).data;
    } catch {
      return undefined;
    }
  };

  let leftBehind: T | undefined;
  while (!create(file, record)) {
    const current = readLock(file);
    if (current !== undefined && isStillAlive(current.holder)) throw refusal(current);
    leftBehind = current ?? leftBehind;
    const aside = moveAside(file);
    // If another process replaced the stale lock meanwhile, the file moved aside is that process's lock: put it back.
    const taken = aside === undefined ? undefined : readLock(aside);
    if (aside !== undefined && taken !== undefined && taken.runId !== current?.runId)
      tryLink(aside, file);
    if (aside !== undefined) rmSync(aside, { force: true });
  }
  // Two processes may have found the same stale lock. After 50 ms, the process whose file was replaced gives up.
  if (leftBehind !== undefined) await sleep(50);
  const winner = readLock(file);
  if (winner !== undefined && winner.runId !== record.runId) throw refusal(winner);

  return {
    leftBehind,
    update: (next) => writeFileSync(file, JSON.stringify(next), { mode: 0o600 }),
    release: () => {
      if (readLock(file)?.runId === record.runId) rmSync(file, { force: true });
    },
  };
}

/** Creates the lock file atomically with its complete content. Returns false if the file exists. */
function create(file: string, record: LockRecord): boolean {
  const draft = `${file}.${record.runId}`;
  writeFileSync(draft, JSON.stringify(record), { mode: 0o600 });
  try {
    return tryLink(draft, file);
  } finally {
    rmSync(draft, { force: true });
  }
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (existsSync(to)) return false;
    throw error;
  }
}

/** Renames the file to a unique name and returns it. Undefined if another process has renamed the file already. */
function moveAside(file: string): string | undefined {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    return aside;
  } catch {
    return undefined;
  }
}
