// Serves the Frontend API, the Backend API and the control API on one port, each under its own path.
// Listens on the loopback address only. It also checks the Host header, which stops DNS rebinding: a page
// of another site cannot reach it through a host name that resolves to 127.0.0.1.

import type { AddressInfo } from "node:net";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { Hono } from "hono";
import { getPathNoStrict } from "hono/utils/url";
import { backendApi } from "./bapi/app";
import type { ClerkContext } from "./context";
import { controlApi } from "./control/api";
import { errorBody, toRefusal } from "./error-response";
import { frontendApi } from "./fapi/app";
import { parseSettingsHeader, settingsHeader } from "./instance/stored-settings";
import { type RequestContext, withRequestContext } from "./request-context";
import type { Seed } from "./simulation/seed";
import { Retention } from "./store/retention";
import { UserError } from "./user-error";

const loopback = "127.0.0.1";
export const loopbackHosts: ReadonlySet<string> = new Set(["localhost", loopback, "[::1]"]);

/** A response as the server sent it. Tests compare it with Clerk's published schemas. */
export type RecordedResponse = { method: string; path: string; status: number; body: unknown };

export function localClerkApp(
  context: ClerkContext,
  seed: Seed,
  onResponse?: (answer: RecordedResponse) => void,
) {
  const app = new Hono<{ Bindings: HttpBindings }>({ getPath: pathWithoutExtraSlashes });
  const retention = new Retention(context.state);
  app.use(async (call, next) => {
    if (!loopbackHosts.has(new URL(call.req.url).hostname)) {
      return call.text("The local Clerk accepts requests for localhost only.", 403);
    }
    const scope: RequestContext = {
      clientIp: call.req.header("x-forwarded-for") ?? loopback,
      userAgent: call.req.header("user-agent") ?? "",
      settings: parseSettingsHeader(call.req.header(settingsHeader)),
      afterResponse: [],
    };
    await withRequestContext(scope, next);
    if (onResponse) {
      const { method, path } = call.req;
      onResponse({ method, path, status: call.res.status, body: await jsonOf(call.res) });
    }
    const { outgoing } = call.env;
    const run = () => {
      for (const each of scope.afterResponse) each();
      retention.dropOldest(context.clock.now());
    };
    if (outgoing.closed) run();
    else outgoing.once("close", run);
  });
  app.onError((error, call) => {
    const failure = toRefusal(context, error, `${call.req.method} ${call.req.path}`);
    return call.json(errorBody(failure), failure.status);
  });
  app.get("/", (call) => call.redirect("/__clerk/dev"));
  app.route("/__clerk/dev", controlApi(context, seed));
  app.route("/bapi", backendApi(context));
  app.route("/fapi", frontendApi(context));
  return app;
}

/** clerk-js sends some paths with a slash at the end, and `//api_keys`. Clerk treats them like paths without these slashes. */
function pathWithoutExtraSlashes(request: Request): string {
  return getPathNoStrict(request).replaceAll(/\/{2,}/g, "/");
}

async function jsonOf(response: Response): Promise<unknown> {
  if (!response.headers.get("content-type")?.startsWith("application/json")) return undefined;
  return response.clone().json();
}

/** Restores the real method of a request. Clerk's browser SDK sends PATCH, PUT and DELETE as POST with `?_method=`. */
function withRealMethod(request: Request): Request {
  if (request.method !== "POST") return request;
  const method = new URL(request.url).searchParams.get("_method");
  if (method !== "PATCH" && method !== "PUT" && method !== "DELETE") return request;
  return new Request(request, { method });
}

export type LocalClerkApp = ReturnType<typeof localClerkApp>;

/** Starts to listen before the app is created, because the app's URLs contain the port. Requests wait until `serve` is called. */
export async function listen(
  wantedPort: number,
): Promise<{ port: number; serve(app: LocalClerkApp): void; close(): Promise<void> }> {
  let serve: (app: LocalClerkApp) => void = () => {};
  const started = new Promise<LocalClerkApp>((resolve) => {
    serve = resolve;
  });
  const server = createAdaptorServer({
    fetch: async (request, bindings) => (await started).fetch(withRealMethod(request), bindings),
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      const isTaken = error.code === "EADDRINUSE";
      const remedy = `Local Clerk: port ${wantedPort} is taken. Stop the process that uses it, or choose another port.`;
      reject(isTaken ? new UserError(remedy, { cause: error }) : error);
    });
    server.listen(wantedPort, loopback, resolve);
  });
  const port = portOf(server.address());
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      if ("closeAllConnections" in server) server.closeAllConnections();
    });
  return { port, serve, close };
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("Local Clerk: no port.");
  return address.port;
}
