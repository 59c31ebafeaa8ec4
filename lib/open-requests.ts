/**
 * Counts the open requests of this process's HTTP servers, so that a shutdown can wait for them. Next's own shutdown also waits
 * for requests, but not for the worker.
 */
import { subscribe } from "node:diagnostics_channel";
import { Server, ServerResponse } from "node:http";

/** Event streams, for which a shutdown does not wait: a stream ends only when its client leaves, and clients reconnect. */
const STREAMS = /^\/api\/graphql\/stream\b/;

/**
 * The maximum time in ms that a shutdown waits for open requests, after SHUTDOWN_DELAY. Longer than a webhook may take, and,
 * without a delay, less than the 10 s that Docker waits.
 */
const DRAIN_MS = 8_000;

const servers = new Set<Server>();
const open = new Set<ServerResponse>();
const onIdle = new Set<() => void>();

function property(message: unknown, name: string): unknown {
  return typeof message === "object" && message !== null ? Reflect.get(message, name) : undefined;
}

function noteRequest(message: unknown): void {
  const [server, response] = [property(message, "server"), property(message, "response")];
  if (server instanceof Server) servers.add(server);
  if (!(response instanceof ServerResponse) || STREAMS.test(response.req.url ?? "")) return;
  open.add(response);
  response.once("close", () => {
    open.delete(response);
    if (open.size === 0) for (const resolve of onIdle) resolve();
  });
}

/** Starts to count the requests of this process's HTTP servers. https://nodejs.org/api/diagnostics_channel.html#http */
export function watchRequests(): void {
  subscribe("http.server.request.start", noteRequest);
}

/**
 * Refuses new connections. Resolves when every open request is answered, at the latest after `withinMs`. Does not wait for event
 * streams.
 */
export async function drainRequests(withinMs = DRAIN_MS): Promise<void> {
  for (const server of servers) {
    server.close();
    server.closeIdleConnections();
  }
  if (open.size === 0) return;
  await new Promise<void>((resolve) => {
    onIdle.add(resolve);
    setTimeout(resolve, withinMs).unref();
  });
}
