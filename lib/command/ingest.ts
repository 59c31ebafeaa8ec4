/** `npm run ingest`: serves only the webhook endpoint, on `PORT`. */
import { once } from "node:events";
import { explainDatabaseError } from "../database-fault";
import { database } from "../db";
import { waitForLoadBalancer } from "../draining";
import { env } from "../env";
import { log } from "../log";
import { drainRequests, watchRequests } from "../open-requests";
import { createIngest } from "../sync/inbox/node-server";
import { startTelemetry, stopTelemetry } from "../telemetry/start";
import { portUnusable, print, runCommand, untilTerminated } from "./run";

/**
 * Logs a warning at startup if the database is unreachable, because webhooks then get a 503 response. The endpoint starts anyway,
 * because the database may come back.
 */
async function warnWithoutDatabase(): Promise<void> {
  try {
    await database().pool.query("SELECT 1");
  } catch (error) {
    const { sentence, remedy } = explainDatabaseError(error);
    log.warn(`webhooks are answered with 503. ${sentence} ${remedy}`, {}, error);
  }
}

await runCommand(async () => {
  const terminated = untilTerminated();
  await startTelemetry("ingest");
  watchRequests();
  const server = createIngest();
  const { port } = env();
  server.listen(port);
  await once(server, "listening").catch(portUnusable(port, "PORT"));
  print(`Receiving webhooks at http://localhost:${port}/api/webhooks/clerk.`);
  await warnWithoutDatabase();
  await waitForLoadBalancer(await terminated);
  server.close();
  await drainRequests();
  // A proxy keeps its connections open for its next requests.
  server.closeAllConnections();
  await stopTelemetry();
});
