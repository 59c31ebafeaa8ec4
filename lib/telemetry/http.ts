/** Measures the requests of this process's HTTP servers. https://nodejs.org/api/diagnostics_channel.html#http */
import { subscribe } from "node:diagnostics_channel";
import { ServerResponse } from "node:http";
import { metrics, secondsSince } from "./metrics";

/** Open for minutes, so their duration says nothing. `rollcall_streams_open` counts them. */
const STREAM = "/api/graphql/stream";

/** The routes of the API that are labels. A test compares them with the folder `app/api`. */
export const apiRoutes = [
  "/api/account/archive",
  "/api/actions",
  "/api/console/export",
  "/api/cron",
  "/api/graphql",
  "/api/graphql/explorer",
  STREAM,
  "/api/health",
  "/api/metrics",
  "/api/ready",
  "/api/webhooks/clerk",
];

/** The first segments of pages that are labels. A test compares them with the folder `app`. */
export const pageSections = [
  "account",
  "account-deleted",
  "admin",
  "countries",
  "enter",
  "home",
  "invitation",
  "join",
  "org",
  "organizations",
  "people",
  "settings",
  "sign-in",
  "sign-up",
  "wishlist",
];

const METHODS = new Set(["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]);

/** Returns the label of a URL: one of a few, however many addresses are requested. */
export function routeOf(url: string): string {
  const path = url.split("?", 1)[0] ?? "";
  const api = apiRoutes.findLast((route) => path === route || path.startsWith(`${route}/`));
  if (api !== undefined) return api;
  const [, section = ""] = path.split("/");
  if (section === "") return "/";
  if (section === "_next" || section === "__clerk") return `/${section}`;
  return pageSections.includes(section) ? `/${section}` : "other";
}

function note(message: unknown): void {
  const response: unknown =
    typeof message === "object" && message !== null ? Reflect.get(message, "response") : undefined;
  if (!(response instanceof ServerResponse)) return;
  const startedAt = performance.now();
  response.once("close", () => {
    const { url = "", method = "" } = response.req;
    const route = routeOf(url);
    if (route === STREAM) return;
    metrics()?.requests.observe(
      {
        route,
        method: METHODS.has(method) ? method : "other",
        // A client that left before the response began got no status.
        status: response.headersSent ? `${Math.floor(response.statusCode / 100)}xx` : "aborted",
      },
      secondsSince(startedAt),
    );
  });
}

let isWatching = false;

export function watchHttp(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe("http.server.request.start", note);
}
