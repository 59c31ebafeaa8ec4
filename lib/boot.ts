/**
 * What must hold before the first request: a wrong environment ends the process with one line that names the remedy. Then
 * the background worker starts beside the app.
 */
import { env } from "./env";
import { printError, UserError } from "./errors";

function isWorkerWanted(): boolean {
  try {
    return env().isWorkerInApp;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    // Thrown on, it would leave a server that answers 500 to everything.
    printError(error);
    process.exit(1);
  }
}

export async function boot(): Promise<void> {
  if (!isWorkerWanted()) return;
  const { superviseWorker } = await import("./worker/start");
  const worker = superviseWorker();
  // Next ends 0.1 s after SIGTERM and drops running jobs, unless the end is left to us.
  if (!env().handlesShutdown) return;
  const end = () => void worker.stop().finally(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
