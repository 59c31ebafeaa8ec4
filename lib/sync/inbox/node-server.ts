/**
 * The webhook route on node:http, without Next, for teams with heavy traffic. It serves the same function at the same path as the
 * Next route, and also the probes.
 */
import { createServer, type Server } from "node:http";
import { SpanKind } from "@opentelemetry/api";
import { byMethod } from "../../route-methods";
import { annotate, withSpan } from "../../telemetry/tracing";
import { listenerWithProbes } from "../monitoring/probe-server";
import { receiveDelivery } from "./receive";

const PATH = "/api/webhooks/clerk";

/** Next's own spans do not exist here, so the request has one of ours. */
const receiveTraced = (request: Request) =>
  withSpan(`POST ${PATH}`, { kind: SpanKind.SERVER }, async () => {
    const response = await receiveDelivery(request);
    annotate({ "http.response.status_code": response.status });
    return response;
  });

/** Longer than proxies keep an idle connection (ms). If Node closed it first, a request could meet a closed connection. */
const KEEP_ALIVE_MS = 65_000;

/** Creates the HTTP server. Nothing of a malformed or truncated request is stored. */
export function createIngest(): Server {
  const options = { keepAliveTimeout: KEEP_ALIVE_MS };
  return createServer(options, listenerWithProbes([[PATH, byMethod({ POST: receiveTraced })]]));
}
