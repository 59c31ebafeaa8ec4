/** `npm run ws`: serves GraphQL subscriptions over WebSockets (graphql-ws), as a separate process next to the app. */
import { waitForLoadBalancer } from "../draining";
import { env } from "../env";
import { startWebSocketServer } from "../graphql/transport/websocket";
import { stopListener } from "../live/listener";
import { startTelemetry, stopTelemetry } from "../telemetry/start";
import { portUnusable, print, runCommand, untilTerminated } from "./run";

await runCommand(async () => {
  const terminated = untilTerminated();
  await startTelemetry("ws");
  const { wsPort } = env();
  const server = await startWebSocketServer(wsPort).catch(portUnusable(wsPort, "WS_PORT"));
  print(`Subscriptions on ws://localhost:${wsPort}/graphql`);
  await waitForLoadBalancer(await terminated);
  await server.close();
  stopListener();
  await stopTelemetry();
});
