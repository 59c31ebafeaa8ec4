/**
 * The webhook route on node:http, without Next, for teams with heavy traffic. It serves the same function at the same path as
 * the Next route, and a health check.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { canonicalApiUrl } from "../../api-url";
import { receiveDelivery } from "./receive";

const PATH = "/api/webhooks/clerk";

type Bindings = { incoming: Pick<IncomingMessage, "url"> };

function handle(request: Request, { incoming }: Bindings): Response | Promise<Response> {
  const pathname = canonicalApiUrl(incoming.url ?? "").split("?")[0];
  if (pathname === "/api/health") return Response.json({ status: "ok" });
  if (pathname !== PATH) return Response.json({ error: "Not found." }, { status: 404 });
  return receiveDelivery(request);
}

/** A malformed or truncated request is answered with 400; nothing of it was stored. */
export function createIngest(): Server {
  const errorHandler = () => new Response(null, { status: 400 });
  return createServer(getRequestListener(handle, { errorHandler }));
}
