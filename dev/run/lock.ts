/**
 * One `npm run dev` per project folder. The lock file has the pid and start time of its holder (pids are reused), its URL,
 * and the run id that its child processes have in their environment.
 *
 * A lock whose process has exited is taken over; `leftBehind` then names the run whose processes must be stopped.
 */
import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../../lib/errors";
import { makeFolder } from "../make-folder";
import { identify, isStillAlive, processIdentity } from "../processes";

const lockFile = z.object({
  runId: z.string(),
  url: z.string(),
  holder: processIdentity,
  /** The pid of the app's process group leader. */
  app: processIdentity.optional(),
});

export type RunRecord = z.infer<typeof lockFile>;

type Lock = {
  runId: string;
  /** The earlier run, which held the lock and was killed. */
  leftBehind: RunRecord | undefined;
  /** Records the app's process, so that the next start finds it if this one is killed. */
  recordApp(pid: number): void;
  release(): void;
};

export async function takeLock(file: string, url: string): Promise<Lock> {
  const record: RunRecord = { runId: randomUUID(), url, holder: identify(process.pid) };
  makeFolder(dirname(file));

  let leftBehind: RunRecord | undefined;
  for (;;) {
    if (create(file, record)) break;
    const current = readLock(file);
    if (current !== undefined && isStillAlive(current.holder)) throw alreadyRunning(current);
    leftBehind = current ?? leftBehind;
    removeStale(file, current);
  }
  // Two starts may have found the same stale lock. The one whose file was overwritten gives up.
  if (leftBehind !== undefined) await sleep(50);
  const winner = readLock(file);
  if (winner !== undefined && winner.runId !== record.runId) throw alreadyRunning(winner);

  return {
    runId: record.runId,
    leftBehind,
    recordApp: (pid) => writeFileSync(file, JSON.stringify({ ...record, app: identify(pid) })),
    release: () => {
      if (readLock(file)?.runId === record.runId) rmSync(file, { force: true });
    },
  };
}

/** Atomic: the file appears under its name with its complete content. */
function create(file: string, record: RunRecord): boolean {
  const draft = `${file}.${record.runId}`;
  writeFileSync(draft, JSON.stringify(record));
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (existsSync(file)) return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Removes this stale lock only: a lock that another start has written meanwhile is put back. */
function removeStale(file: string, stale: RunRecord | undefined): void {
  const aside = `${file}.${randomUUID()}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  const taken = readLock(aside);
  if (taken !== undefined && taken.runId !== stale?.runId && !existsSync(file))
    linkSync(aside, file);
  rmSync(aside, { force: true });
}

function readLock(file: string): RunRecord | undefined {
  try {
    return lockFile.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function alreadyRunning({ holder, url }: RunRecord): UserError {
  return new UserError(
    `Rollcall is already running from this folder: ${url} (pid ${holder.pid}). Use that one, or stop it with Ctrl-C there or kill ${holder.pid}.`,
  );
}
