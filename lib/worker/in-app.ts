/** The background worker inside the app's process, for a single machine; `ROLLCALL_WORKER=off` where others run it. */
import { env } from "../env";
import { superviseWorker } from "./start";

export function workInApp(): void {
  const { isWorkerInApp, leavesSignalsToUs } = env();
  if (!isWorkerInApp) return;
  const worker = superviseWorker();
  // Next ends 0.1 s after SIGTERM and drops running jobs, unless it is told to leave the end to us.
  if (!leavesSignalsToUs) return;
  const end = () => void worker.stop().finally(() => process.exit(0));
  process.once("SIGTERM", end);
  process.once("SIGINT", end);
}
