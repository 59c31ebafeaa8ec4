/** `npm run worker`: runs the background worker as a separate process. */
import { superviseWorker } from "../worker/start";
import { print, runCommand, untilTerminated } from "./run";

await runCommand(async () => {
  const terminated = untilTerminated();
  const worker = superviseWorker();
  print("The worker is running. Ctrl-C ends it after its current jobs.");
  await terminated;
  await worker.stop();
});
