/**
 * Allows one `npm run dev` per project folder. The lock file also has the URL of the run, and the run id that its child processes
 * have in their environment. `leftBehind` is an earlier run that was killed: its processes must be stopped.
 */
import { dirname } from "node:path";
import { z } from "zod";
import { UserError } from "../../lib/errors";
import { identify, processIdentity } from "../local-clerk/process-identity";
import { lockRecord, newLockRecord, takeProcessLock } from "../local-clerk/process-lock";
import { makeFolder } from "../local-clerk/store/make-folder";

const runRecord = lockRecord.extend({
  url: z.string(),
  /** The leader of the app's process group. */
  app: processIdentity.optional(),
});

export type RunRecord = z.infer<typeof runRecord>;

type Lock = {
  runId: string;
  leftBehind: RunRecord | undefined;
  /** Records the app's process, so that the next start finds it if this process is killed. */
  recordApp(pid: number): void;
  release(): void;
};

export async function takeLock(file: string, url: string): Promise<Lock> {
  makeFolder(dirname(file));
  const record: RunRecord = { ...newLockRecord(), url };
  const lock = await takeProcessLock({ file, shape: runRecord, record, refusal: alreadyRunning });
  return {
    runId: record.runId,
    leftBehind: lock.leftBehind,
    recordApp: (pid) => lock.update({ ...record, app: identify(pid) }),
    release: lock.release,
  };
}

function alreadyRunning({ holder, url }: RunRecord): UserError {
  return new UserError(
    `Rollcall is already running from this folder: ${url} (pid ${holder.pid}). Use that one, or stop it with Ctrl-C there or kill ${holder.pid}.`,
  );
}
