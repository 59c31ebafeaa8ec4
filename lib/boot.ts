/**
 * Runs before the first request. If the environment is invalid, ends the process with one line that names the remedy. Otherwise
 * starts the background worker inside the app's process, unless ROLLCALL_WORKER is off. With the worker, two effect handlers with
 * the same name also end the process. On SIGTERM, SIGINT or SIGHUP, readiness becomes false, and the process exits once open
 * requests are answered and the worker's jobs have ended.
 */
import { prepareRequests } from "./api-url";
import { EXIT_MS, startDraining, waitForLoadBalancer } from "./draining";
import { env } from "./env";
import { printError, surviveFailedOutput, UserError } from "./errors";
import { drainRequests, watchRequests } from "./open-requests";
import { startTelemetry, stopTelemetry } from "./telemetry/start";

/** Ends the process for a UserError. If it were rethrown, Next would keep serving and respond to every request with 500. */
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

/**
 * On a signal, exits once open requests and jobs have ended. Next itself would exit 0.1 s after SIGTERM and drop running jobs,
 * unless NEXT_MANUAL_SIG_HANDLE leaves the shutdown to us. A second signal changes nothing: npm and a process manager may both
 * send one.
 */
function shutDownOnSignal(stopWorker: () => Promise<void>): void {
  if (!env().handlesShutdown) return;
  watchRequests();
  let isShuttingDown = false;
  const shutDown = (signal: NodeJS.Signals) => {
    if (isShuttingDown) return;
    isShuttingDown = true;
    setTimeout(() => process.exit(1), EXIT_MS).unref();
    startDraining();
    const drained = waitForLoadBalancer(signal).then(() => drainRequests());
    void Promise.allSettled([drained, stopWorker()])
      .then(stopTelemetry)
      .then(() => process.exit(0));
  };
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, shutDown);
}

export async function boot(): Promise<void> {
  surviveFailedOutput(() => undefined);
  prepareRequests();
  const isWanted = isWorkerWanted();
  await startTelemetry("web");
  if (!isWanted) return shutDownOnSignal(async () => undefined);
  const { superviseWorker } = await import("./worker/start").catch(exitWith);
  const worker = superviseWorker();
  shutDownOnSignal(() => worker.stop());
}
