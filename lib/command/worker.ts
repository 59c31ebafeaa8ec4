/** `npm run worker`: the background worker as a process of its own. */
import { superviseWorker } from "../worker/start";
import { print, runCommand, untilTerminated } from "./run";

await runCommand(async () => {
  const worker = superviseWorker();
  print("The worker is running. Ctrl-C ends it after the jobs at hand.");
  await untilTerminated();
  await worker.stop();
});
