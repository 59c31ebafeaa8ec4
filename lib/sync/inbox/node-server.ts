/**
 * The webhook route on node:http, without Next, for teams with much traffic: mounts the very function that the route
 * exports, at the same path, and nothing else.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { receiveDelivery } from "./receive";

const PATH = "/api/webhooks/clerk";

type Bindings = { incoming: Pick<IncomingMessage, "url"> };

function answer(request: Request, { incoming }: Bindings): Response | Promise<Response> {
  const pathname = incoming.url?.split("?")[0];
  if (pathname === "/api/health") return Response.json({ status: "ok" });
  if (pathname !== PATH) return Response.json({ error: "Not found." }, { status: 404 });
  if (request.method !== "POST") {
    return Response.json({ error: "Only POST." }, { status: 405, headers: { allow: "POST" } });
  }
  return receiveDelivery(request);
}

/** What is not a request, or ends in the middle, is answered with 400: nothing of it was stored. */
export function createIngest(): Server {
  const errorHandler = () => new Response(null, { status: 400 });
  return createServer(getRequestListener(answer, { errorHandler }));
}
