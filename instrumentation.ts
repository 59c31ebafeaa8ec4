/**
 * Runs once when the server starts: a wrong environment ends the process here, with one line that names the remedy, and
 * the background worker starts beside the app.
 */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { env, EnvError } = await import("./lib/env");
  try {
    if (!env().isWorkerInApp) return;
  } catch (error) {
    // A register() that rejects would leave a server that answers 500 to everything.
    process.stderr.write(`${error instanceof EnvError ? error.message : String(error)}\n`);
    process.exit(1);
  }
  const { superviseWorker } = await import("./lib/worker/start");
  const worker = superviseWorker();
  // Next ends 0.1 s after SIGTERM and drops running jobs, unless NEXT_MANUAL_SIG_HANDLE leaves the end to us.
  if (!process.env.NEXT_MANUAL_SIG_HANDLE) return;
  const end = () => void worker.stop().finally(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
