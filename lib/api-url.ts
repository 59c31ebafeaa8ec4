/**
 * Prepares requests to URLs below /api/. People type these URLs into settings, often with an extra slash. Next would redirect
 * such a URL, and a webhook sender counts a redirect as a failed delivery.
 */
import { IncomingMessage, Server, ServerResponse } from "node:http";

/** Escapes the percent signs of a path that cannot be decoded. Next would answer such a path with 500. */
function withValidEscapes(path: string): string {
  try {
    decodeURIComponent(path);
    return path;
  } catch {
    return path.replaceAll("%", "%25");
  }
}

/**
 * Normalizes a request URL: `//API//webhooks\clerk/?a=1` becomes `/api/webhooks/clerk?a=1`, and so does the absolute form
 * `http://host/api/…`, which some proxies send (RFC 9112, 3.2.2). Other URLs stay as they are.
 */
export function canonicalApiUrl(url: string): string {
  const [, path = "", query = ""] = /^(?:https?:\/\/[^/?]*)?([^?]*)(.*)$/is.exec(url) ?? [];
  const canonical = path.replaceAll(/[\\/]+/g, "/").replace(/(?<=.)\/$/, "");
  const [, rest] = /^\/api(\/.*|)$/is.exec(canonical) ?? [];
  return rest === undefined ? url : `/api${withValidEscapes(rest)}${query}`;
}

const PATCHED = Symbol.for("rollcall.canonicalApiUrls");

/** Headers of Next's router. Next redirects a request that has them and lacks a parameter of the router. */
const ROUTER_HEADERS = ["rsc", "next-router-prefetch", "next-router-state-tree"];

function prepare(request: IncomingMessage): void {
  const url = canonicalApiUrl(request.url ?? "");
  request.url = url;
  if (!/^\/api(\/|\?|$)/.test(url)) return;
  for (const name of ROUTER_HEADERS) delete request.headers[name];
}

/**
 * Prepares every request to this process before a listener sees it: Next has no setting for this. Answers TRACE with 405, because
 * Next answers it with 500.
 */
export function prepareRequests(): void {
  if (Reflect.has(Server.prototype, PATCHED)) return;
  const emit = Server.prototype.emit;
  const preparing = function (this: Server, event: string, ...rest: unknown[]): unknown {
    const [request, response] = rest;
    if (event === "request" && request instanceof IncomingMessage) {
      if (request.method === "TRACE" && response instanceof ServerResponse) {
        response.writeHead(405).end();
        return true;
      }
      prepare(request);
    }
    return Reflect.apply(emit, this, [event, ...rest]);
  };
  Reflect.set(Server.prototype, "emit", preparing);
  Reflect.set(Server.prototype, PATCHED, true);
}
