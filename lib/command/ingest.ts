/** `npm run ingest`: only the webhook endpoint, on `PORT`. */
import { once } from "node:events";
import { env } from "../env";
import { UserError } from "../errors";
import { createIngest } from "../sync/inbox/node-server";
import { print, runCommand, untilTerminated } from "./run";

await runCommand(async () => {
  const server = createIngest();
  const { port } = env();
  server.listen(port);
  await once(server, "listening").catch((error: unknown) => {
    throw new UserError(`Port ${port} cannot be used: choose another with PORT.`, {
      cause: error,
    });
  });
  print(`Receiving webhooks at http://localhost:${port}/api/webhooks/clerk.`);
  await untilTerminated();
  server.close();
  server.closeIdleConnections();
  await once(server, "close");
});
