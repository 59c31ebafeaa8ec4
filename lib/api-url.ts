/**
 * Normalizes URLs below /api/. People type them into settings, often with an extra slash. Next would redirect such a URL, and a
 * webhook sender counts a redirect as a failed delivery.
 */
import { Server } from "node:http";

/**
 * Normalizes a request URL: `//api//webhooks/clerk/?a=1` becomes `/api/webhooks/clerk?a=1`, and so does the absolute form
 * `http://host/api/…`, which some proxies send (RFC 9112, 3.2.2). Other URLs stay as they are.
 */
export function canonicalApiUrl(url: string): string {
  const [, path = "", query = ""] = /^(?:https?:\/\/[^/?]*)?([^?]*)(.*)$/is.exec(url) ?? [];
  const canonical = path.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "");
  return /^\/api(\/|$)/.test(canonical) ? `${canonical}${query}` : url;
}

const PATCHED = Symbol.for("rollcall.canonicalApiUrls");

/** Rewrites the URL of every request to this process before a listener sees it. Next has no setting for this. */
export function rewriteApiUrls(): void {
  if (Reflect.has(Server.prototype, PATCHED)) return;
  const emit = Server.prototype.emit;
  const rewriting = function (this: Server, event: string, ...rest: unknown[]): unknown {
    const [request] = rest;
    if (event === "request" && typeof request === "object" && request !== null) {
      const url: unknown = Reflect.get(request, "url");
      if (typeof url === "string") Reflect.set(request, "url", canonicalApiUrl(url));
    }
    return Reflect.apply(emit, this, [event, ...rest]);
  };
  Reflect.set(Server.prototype, "emit", rewriting);
  Reflect.set(Server.prototype, PATCHED, true);
}
