/**
 * Serves the probes with `node:http`, in the processes without Next: `/api/health` (it responds), `/api/ready` (it can do its
 * work, and is not shutting down) and `/api/metrics`.
 */
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { canonicalApiUrl } from "../../api-url";
import { isDraining } from "../../draining";
import { byMethod } from "../../route-methods";
import { answerMetrics } from "../../telemetry/endpoint";
import { answerLiveness, answerReadiness } from "./probes";

type Answer = (request: Request) => Response | Promise<Response>;
type Bindings = { incoming: Pick<IncomingMessage, "url"> };

const probes: [string, Answer][] = [
  ["/api/health", byMethod({ GET: answerLiveness })],
  ["/api/ready", byMethod({ GET: answerReadiness })],
  ["/api/metrics", byMethod({ GET: answerMetrics })],
];

/**
 * Makes the listener of a `node:http` server that answers the probes and these routes, and everything else with `otherwise`. A
 * malformed or truncated request gets a 400 response.
 */
export function listenerWithProbes(
  routes: [string, Answer][],
  otherwise: Answer = () => Response.json({ error: "Not found." }, { status: 404 }),
): RequestListener {
  const answers = new Map([...probes, ...routes]);
  const handle = (request: Request, { incoming }: Bindings) => {
    const [pathname = ""] = canonicalApiUrl(incoming.url ?? "").split("?");
    return (answers.get(pathname) ?? otherwise)(request);
  };
  return getRequestListener(handle, {
    errorHandler: () => new Response(null, { status: 400 }),
    // The probes of load balancers are often HTTP/1.0, which needs no Host header.
    hostname: "localhost",
  });
}

/** Creates the server of a process that has no routes besides the probes. It is ready while `isRunning` returns true. */
export function createProbeServer(isRunning: () => boolean): Server {
  const answer = () =>
    isRunning() || isDraining()
      ? answerReadiness()
      : Response.json({ status: "starting" }, { status: 503 });
  const ready = byMethod({ GET: answer });
  return createServer(listenerWithProbes([["/api/ready", ready]]));
}
