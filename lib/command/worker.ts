/** `npm run worker`: runs the background worker as a separate process. With `WORKER_PORT`, it answers probes there. */
import { once } from "node:events";
import { env } from "../env";
import { createProbeServer } from "../sync/monitoring/probe-server";
import { startTelemetry, stopTelemetry } from "../telemetry/start";
import { superviseWorker } from "../worker/start";
import { portUnusable, print, runCommand, untilTerminated } from "./run";

/** Resolves to a function that closes the server. */
async function serveProbes(port: number, isRunning: () => boolean): Promise<() => void> {
  const server = createProbeServer(isRunning);
  server.listen(port);
  await once(server, "listening").catch(portUnusable(port, "WORKER_PORT"));
  return () => {
    server.close();
    server.closeAllConnections();
  };
}

await runCommand(async () => {
  const terminated = untilTerminated();
  await startTelemetry("worker");
  const { workerPort } = env();
  let isRunning = () => false;
  const closeProbes = workerPort && (await serveProbes(workerPort, () => isRunning()));
  const worker = superviseWorker();
  isRunning = worker.isRunning;
  print("The worker is running. Ctrl-C ends it after its current jobs.");
  await terminated;
  await worker.stop();
  if (closeProbes) closeProbes();
  await stopTelemetry();
});
