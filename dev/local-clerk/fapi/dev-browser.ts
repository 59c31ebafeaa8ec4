// The dev browser of a development instance. Such an instance knows a browser by a token that the app's page keeps in a
// cookie of its own and sends as a parameter: the Frontend API's cookies are those of another site.

import { Hono } from "hono";
import type { ClerkContext } from "../context";
import { devBrowserUnauthenticated, notImplemented } from "../errors";
import { bothNames, devBrowserName, setCookie } from "../sessions/cookies";
import { createClient } from "../sessions/sessions";
import type { ClientRecord } from "../store/records";
import { type Call, currentClient, type FapiEnv } from "./call";

export function devBrowserRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.post("/dev_browser", (call) => {
    if (!context.isDevelopment) throw notImplemented("the dev browser of a production instance");
    const { id, token, createdAt, updatedAt } = createClient(context);
    const stamps = { created_at: createdAt, updated_at: updatedAt };
    return call.json({ object: "dev_browser", id: token, token, client_id: id, ...stamps });
  });

  return routes;
}

/** The operations that need a browser. Others are opened as pages, or come before there is a dev browser. */
const needsBrowser = /\/v1\/(client|me|organizations|waitlist)(\/|$)/;
const isHandshake = /\/v1\/client\/handshake$/;

export function requireDevBrowser(context: ClerkContext, call: Call): void {
  const { path } = call.req;
  if (!context.isDevelopment || !needsBrowser.test(path) || isHandshake.test(path)) return;
  if (!currentClient(context, call)) throw devBrowserUnauthenticated();
}

export function devBrowserCookies(context: ClerkContext, { token }: ClientRecord): string[] {
  return bothNames(context, devBrowserName).map((name) => setCookie(name, token));
}
