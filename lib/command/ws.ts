/** `npm run ws`: subscriptions over graphql-ws, as a process of its own beside the app. */
import nextEnv from "@next/env";
import { EnvError, env } from "../env";
import { startWebSocketServer } from "../graphql/transport/websocket";

nextEnv.loadEnvConfig(".", true, { info: () => undefined, error: () => undefined });
try {
  const { wsPort } = env();
  await startWebSocketServer(wsPort);
  process.stderr.write(`Subscriptions on ws://localhost:${wsPort}/graphql\n`);
} catch (error) {
  if (!(error instanceof EnvError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
