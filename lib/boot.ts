/**
 * Runs before the first request. A wrong environment, or two effect handlers of one name, end the process with one line that names
 * the remedy. Then the background worker starts inside the app's process, unless ROLLCALL_WORKER is off.
 */
import { rewriteApiUrls } from "./api-url";
import { env } from "./env";
import { printError, UserError } from "./errors";

/** Do not rethrow a mistake of the operator: Next would keep serving, and answer every request with 500. */
function exitWith(error: unknown): never {
  if (!(error instanceof UserError)) throw error;
  printError(error);
  process.exit(1);
}

function isWorkerWanted(): boolean {
  try {
    return env().isWorkerInApp;
  } catch (error) {
    return exitWith(error);
  }
}

export async function boot(): Promise<void> {
  rewriteApiUrls();
  if (!isWorkerWanted()) return;
  const { superviseWorker } = await import("./worker/start").catch(exitWith);
  const worker = superviseWorker();
  // Next exits 0.1 s after SIGTERM and drops running jobs, unless NEXT_MANUAL_SIG_HANDLE leaves the shutdown to us.
  if (!env().handlesShutdown) return;
  const shutDown = () => void worker.stop().finally(() => process.exit(0));
  process.once("SIGTERM", shutDown);
  process.once("SIGINT", shutDown);
}
