// The dev browser of a development instance: a token that identifies a browser. The app's page keeps it in a cookie of the app
// and sends it as a parameter, because cookies of the Frontend API would be third-party cookies.

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

/** The paths that require a dev browser. All other paths are opened as pages, or are called before a dev browser exists. */
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
