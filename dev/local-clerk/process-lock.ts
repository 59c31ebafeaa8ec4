// One process per lock file. The file has the pid and the start time of its holder, so a lock whose pid now belongs to another
// process is stale. A stale lock is taken over. A process in another container is not visible: it counts as ended.

import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { identify, isStillAlive, processIdentity } from "./process-identity";

/** The content of a lock file. A lock may hold more. */
export const lockRecord = z.object({
  /** A new id each time the lock is taken, so one process that takes it twice has two. */
  runId: z.string(),
  holder: processIdentity,
});
type LockRecord = z.infer<typeof lockRecord>;

type ProcessLock<T extends LockRecord> = {
  /** The record of the holder that exited without releasing the lock. */
  leftBehind: T | undefined;
  /** Replaces the content of the file. */
  update(record: T): void;
  release(): void;
};

type LockOptions<T extends LockRecord> = {
  file: string;
  shape: z.ZodType<T>;
  record: T;
  /** The error for a lock that a running process holds. */
  refusal: (current: T) => Error;
};

/** The record of a lock that this process takes. */
export function newLockRecord(): LockRecord {
  return { runId: randomUUID(), holder: identify(process.pid) };
}

/** The folder of the file must exist. @throws `refusal` when a running process holds the lock, also when it is this one. */
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
    // Another process may have replaced the stale lock meanwhile: its lock is put back.
    const taken = aside === undefined ? undefined : readLock(aside);
    if (aside !== undefined && taken !== undefined && taken.runId !== current?.runId)
      tryLink(aside, file);
    if (aside !== undefined) rmSync(aside, { force: true });
  }
  // Two processes may have found the same stale lock. The one whose file was replaced gives up.
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

/** Atomic: the file appears under its name with its complete content. False if it exists. */
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

/** Renames the file to a name of its own. Undefined if another process was faster. */
function moveAside(file: string): string | undefined {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
    return aside;
  } catch {
    return undefined;
  }
}
