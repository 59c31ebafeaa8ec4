/**
 * Sends a token to every part of the app that accepts session tokens. Each function resolves to whether the token was accepted.
 */
import { createClient } from "graphql-ws";
import { NextFetchEvent } from "next/dist/server/web/spec-extension/fetch-event";
import { NextRequest } from "next/server";
import WebSocket from "ws";
import { HEAD as ARCHIVE } from "@/app/api/account/archive/route";
import { HEAD as EXPORT } from "@/app/api/console/export/route";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { findViewer } from "../../lib/identity/viewer";
import middleware from "../../middleware";
import { APP_URL } from "./environment";

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

function operation(path: string, token: string, query: string, accept: string): Request {
  return new Request(`${APP_URL}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", accept, ...bearer(token) },
    body: JSON.stringify({ query }),
  });
}

async function middlewareAccepts(token: string): Promise<boolean> {
  const headers = { ...bearer(token), accept: "text/html" };
  const request = new NextRequest(`${APP_URL}/home`, { headers });
  const event = new NextFetchEvent({ request, page: "/home", context: undefined });
  const response = await middleware(request, event);
  return response?.headers.get("location") === null && response.status < 400;
}

/** Checks the token as pages and layouts do. */
async function pageAccepts(token: string): Promise<boolean> {
  return (await findViewer(new Headers(bearer(token)))).viewer !== null;
}

async function apiAccepts(token: string): Promise<boolean> {
  const request = operation("/api/graphql", token, "{ viewer { id } }", "application/json");
  return (await POST(request)).status === 200;
}

async function streamAccepts(token: string): Promise<boolean> {
  const query = "subscription { viewerChanged { refetch } }";
  const request = operation("/api/graphql/stream", token, query, "text/event-stream");
  const response = await STREAM(request);
  await response.body?.cancel();
  return response.status === 200;
}

/** Checks the token as a download does. A member with a good token may still be refused with 403. */
const downloadAccepts =
  (path: string, route: (request: Request) => Promise<Response>) => async (token: string) => {
    const request = new Request(`${APP_URL}${path}`, { method: "HEAD", headers: bearer(token) });
    return [200, 403].includes((await route(request)).status);
  };

function socketAccepts(port: number) {
  return async (token: string): Promise<boolean> => {
    const client = createClient({
      url: `ws://localhost:${port}/graphql`,
      webSocketImpl: WebSocket,
      lazy: false,
      retryAttempts: 0,
      connectionParams: { token },
      onNonLazyError: () => undefined,
    });
    const isAccepted = await new Promise<boolean>((resolve) => {
      client.on("connected", () => resolve(true));
      client.on("closed", () => resolve(false));
    });
    await client.dispose();
    return isAccepted;
  };
}

export const tokenEntrances = (webSocketPort: number) => ({
  middleware: middlewareAccepts,
  page: pageAccepts,
  API: apiAccepts,
  stream: streamAccepts,
  archive: downloadAccepts("/api/account/archive", ARCHIVE),
  export: downloadAccepts("/api/console/export", EXPORT),
  socket: socketAccepts(webSocketPort),
});
