/**
 * The webhook route on node:http, without Next, for teams with heavy traffic. It serves the same function at the same path as the
 * Next route, and also a health check.
 */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { canonicalApiUrl } from "../../api-url";
import { byMethod } from "../../route-methods";
import { receiveDelivery } from "./receive";

const PATH = "/api/webhooks/clerk";

const answers = new Map([
  [PATH, byMethod({ POST: receiveDelivery })],
  ["/api/health", byMethod({ GET: () => Response.json({ status: "ok" }) })],
]);

type Bindings = { incoming: Pick<IncomingMessage, "url"> };

function handle(request: Request, { incoming }: Bindings): Response | Promise<Response> {
  const [pathname = ""] = canonicalApiUrl(incoming.url ?? "").split("?");
  return (
    answers.get(pathname)?.(request) ?? Response.json({ error: "Not found." }, { status: 404 })
  );
}

/** Creates the HTTP server. A malformed or truncated request gets a 400 response, and nothing of it is stored. */
export function createIngest(): Server {
  const errorHandler = () => new Response(null, { status: 400 });
  return createServer(getRequestListener(handle, { errorHandler }));
}
