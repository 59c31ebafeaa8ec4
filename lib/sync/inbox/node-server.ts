/**
 * The webhook route on node:http, without Next, for teams with heavy traffic. It serves the same function at the same path as the
 * Next route, and also the probes.
 */
import { createServer, type Server } from "node:http";
import { byMethod } from "../../route-methods";
import { listenerWithProbes } from "../monitoring/probe-server";
import { receiveDelivery } from "./receive";

/** Creates the HTTP server. Nothing of a malformed or truncated request is stored. */
export function createIngest(): Server {
  return createServer(
    listenerWithProbes([["/api/webhooks/clerk", byMethod({ POST: receiveDelivery })]]),
  );
}
