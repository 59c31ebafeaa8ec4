/**
 * The app's GraphQL and webhook routes as a process of its own. It serves at once, and starts its worker when the parent sends a
 * message, so that the parent can test what the app does before its worker runs.
 */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { POST as answerGraphQL } from "../../app/api/graphql/route";
import { POST as receiveWebhook } from "../../app/api/webhooks/clerk/route";
import { startWorker } from "../../lib/worker/start";

const server = createServer(async (incoming, response) => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    if (typeof value === "string") headers.set(name, value);
  const body = await text(incoming);
  const url = `https://rollcall.test${incoming.url}`;
  const isWebhook = incoming.url === "/api/webhooks/clerk";
  const request = new Request(url, { method: "POST", headers, body });
  const answer = await (isWebhook ? receiveWebhook(request) : answerGraphQL(request));
  response.writeHead(answer.status).end(await answer.text());
});
server.listen(0, "127.0.0.1", () => process.send?.(server.address()));
process.once("message", () => void startWorker());
process.once("disconnect", () => process.exit());
