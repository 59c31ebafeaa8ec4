import { createClient } from "graphql-ws";
import { expect, test, vi } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { signToken } from "@/dev/testing/sign";
import { startWebSocketServer } from "./transport/websocket";

// No server listens on this port. The variable is set before the first call of env(), which caches the environment.
process.env.DATABASE_URL = "postgresql://nobody@127.0.0.1:1/none";

const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
const request = (query: string, authorization: string) =>
  new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream, */*",
      authorization,
    },
    body: JSON.stringify({ query }),
  });

test.each([
  ["a query", POST, "{ viewer { id } }"],
  ["a stream", STREAM, "subscription { viewerChanged { refetch } }"],
])(
  "while the database is down, %s with a valid token returns UNAVAILABLE, not UNAUTHENTICATED",
  async (_name, handler, query) => {
    const good = await handler(request(query, `Bearer ${signToken(privateKey, {})}`));
    const { errors } = await good.json();
    expect([good.status, errors[0].extensions]).toEqual([
      503,
      { code: "UNAVAILABLE", reason: "unavailable" },
    ]);
    expect(good.headers.get("retry-after")).toBe("5");
    const bad = await handler(request(query, "Bearer null"));
    expect([bad.status, (await bad.json()).errors[0].extensions]).toEqual([
      401,
      { code: "UNAUTHENTICATED", reason: "missing" },
    ]);
  },
);

test.each([
  [
    "a valid token is closed with 1013, and the client reconnects",
    signToken(privateKey, {}),
    [1013, 1013],
  ],
  ["an invalid token is closed with 4401", "x", [4401]],
])("while the database is down, a WebSocket opened with %s", async (_name, token, codes) => {
  const server = await startWebSocketServer(0);
  const { port } = server;
  const closed: number[] = [];
  const ended = new Promise((resolve) => {
    createClient({
      url: `ws://localhost:${port}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { token },
      retryAttempts: 1,
      retryWait: () => Promise.resolve(),
      on: { closed: (event) => closed.push(z.object({ code: z.number() }).parse(event).code) },
    }).subscribe(
      { query: "subscription { viewerChanged { refetch } }" },
      { next: () => undefined, error: resolve, complete: () => resolve(null) },
    );
  });
  expect(await ended).toMatchObject({ code: codes.at(-1) });
  await vi.waitFor(() => expect(closed).toEqual(codes));
  await server.close();
});
