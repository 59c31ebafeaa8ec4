import { once } from "node:events";
import { createClient, type SubscribePayload } from "graphql-ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { database } from "../../db";
import { findViewer } from "../../identity/viewer";
import { listener } from "../../live/listener";
import documents from "../trusted-documents.json";
import { MAX_STREAMS } from "./open-subscription";
import { startWebSocketServer } from "./websocket";

const server = await startWebSocketServer(0);
const { port } = server;
const sub = clerkId("user");
const VIEWER = "subscription { viewerChanged { refetch viewer { firstName } } }";
/** The number of subscribers of the listener that are not streams. */
let otherListeners = 0;
const streamsAre = (count: number) =>
  vi.waitFor(() => expect(listener().listenerCount - otherListeners).toBe(count), soon);

const soon = { timeout: 3_000, interval: 10 };

beforeAll(async () => {
  await listening();
  await mirrorUser(sub);
  await caughtUp();
  await findViewer(new Headers({ authorization: `Bearer ${good()}` }));
  otherListeners = listener().listenerCount;
});
afterAll(() => server.close());

test.each(["/graphql/", "//graphql", "/graphql//?a=b"])(
  "a socket is opened at %s, without a redirect",
  async (path) => {
    const socket = new WebSocket(`ws://localhost:${port}${path}`, "graphql-transport-ws");
    await once(socket, "open");
    socket.terminate();
  },
);

test.each(["/", "/graphqls", "/graphql/other"])("a socket is refused at %s", async (path) => {
  const socket = new WebSocket(`ws://localhost:${port}${path}`, "graphql-transport-ws");
  const [error] = await once(socket, "error");
  expect(String(error)).toContain("400");
});

function watch(
  query: string,
  token: () => string,
  rest: Partial<SubscribePayload> = {},
  retryWait = () => Promise.resolve(),
) {
  const closed: number[] = [];
  const seen: unknown[] = [];
  let acknowledged = 0;
  let isComplete = false;
  const client = createClient({
    url: `ws://localhost:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: () => ({ token: token() }),
    retryWait,
    on: {
      connected: () => {
        acknowledged += 1;
      },
      closed: (event) => closed.push(z.object({ code: z.number() }).parse(event).code),
    },
  });
  client.subscribe(
    { query, ...rest },
    {
      next: (value) => seen.push(value),
      error: (error) => seen.push(error),
      complete: () => {
        isComplete = true;
      },
    },
  );
  return {
    seen,
    closed,
    isComplete: () => isComplete,
    connections: () => acknowledged,
    stop: () => client.dispose(),
  };
}

const good = () => signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });

const YEAR_S = 31_536_000;
let version = 1_790_000_001_000;

test.each([
  ["a minute", "Minute", undefined],
  ["a year", "Year", Date.now() / 1000 + YEAR_S],
  ["a time in milliseconds", "Milliseconds", Date.now() + 60_000],
])(
  "with a token that expires after %s, a change of the viewer is sent over the WebSocket",
  async (_name, first_name, exp) => {
    const token = () =>
      signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, ...(exp !== undefined && { exp }) });
    const { seen, closed, connections, stop } = watch(VIEWER, token);
    await vi.waitFor(() => expect(connections()).toBe(1), soon);
    await vi.waitFor(async () => {
      await mirrorUser(sub, { first_name, updated_at: version++ });
      expect(JSON.stringify(seen)).toContain(first_name);
    }, soon);
    expect([connections(), closed]).toEqual([1, []]);
    await stop();
  },
);

test.each([
  ["no token", () => ""],
  ["an expired token", () => signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, exp: 1 })],
])("a WebSocket with %s is closed with code 4401", async (_name, token) => {
  const { closed, connections, stop } = watch(VIEWER, token);
  await vi.waitFor(() => expect(closed).toEqual([4401]), soon);
  expect(connections()).toBe(0);
  await stop();
});

test("a WebSocket is closed when its token expires, and the client reconnects with a fresh token", async () => {
  const exp = Date.now() / 1000 + 0.7;
  let calls = 0;
  const token = () => {
    calls += 1;
    return calls === 1 ? signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, exp }) : good();
  };
  const { closed, connections, stop } = watch(VIEWER, token);
  await vi.waitFor(() => expect(connections()).toBe(2), soon);
  expect(closed).toEqual([4499]);
  await stop();
});

test.each([
  ["a query", "{ viewer { id } }"],
  ["an admin's subscription", "subscription { deliveryReceived { refetch } }"],
])("%s sent over a WebSocket by a member is refused", async (_name, query) => {
  const { seen, stop } = watch(query, good);
  await vi.waitFor(() => expect(JSON.stringify(seen)).toMatch(/BAD_USER_INPUT|FORBIDDEN/), soon);
  await stop();
});

test("operationName selects the query of a document with a subscription and a query, and a WebSocket refuses the query", async () => {
  const query = `${VIEWER.replace("subscription", "subscription One")} query Two { viewer { id } }`;
  for (let index = 0; index <= MAX_STREAMS; index++) {
    const { seen, stop } = watch(query, good, { operationName: "Two" });
    await vi.waitFor(() => expect(JSON.stringify(seen)).toContain("BAD_USER_INPUT"), soon);
    await stop();
  }
  const { seen, stop } = watch(query, good, { operationName: "One" });
  let version = 1_790_000_002_000;
  await vi.waitFor(async () => {
    await mirrorUser(sub, { first_name: "Named", updated_at: version++ });
    expect(JSON.stringify(seen)).toContain("Named");
  }, soon);
  await stop();
});

test("a subscription sent as the hash of a trusted document is opened, and no longer counts towards the limit when it ends", async () => {
  const [hash] =
    Object.entries(documents).find(([, text]) => text.startsWith("subscription")) ?? [];
  const extensions = { persistedQuery: { version: 1, sha256Hash: hash } };
  await streamsAre(0);
  const { seen, closed, stop } = watch("", good, { extensions });
  await streamsAre(1);
  expect([seen, closed]).toEqual([[], []]);
  await stop();
  await streamsAre(0);
});

test.each([
  ["the viewer is read", VIEWER, "users", "last_name", "UNAVAILABLE"],
  [
    "the event is resolved",
    "subscription { organizationChanged { organizations { imageUrl } } }",
    "organizations",
    "image_url",
    "INTERNAL_SERVER_ERROR",
  ],
])(
  "when the database fails while %s, the client gets an error and a close code on which it reconnects",
  async (_name, query, table, column, code) => {
    const { pool } = database();
    let restored = () => {};
    const restoring = new Promise<void>((resolve) => {
      restored = resolve;
    });
    await streamsAre(0);
    const socket = watch(query, good, {}, () => restoring);
    await streamsAre(1);
    await pool.query(`ALTER TABLE ${table} RENAME COLUMN ${column} TO hidden`);
    try {
      for (const message of [{ table: "users", ids: [sub] }, { table: "organizations" }]) {
        await pool.query("SELECT pg_notify('rollcall', $1)", [JSON.stringify(message)]);
      }
      await vi.waitFor(() => expect(socket.closed).toEqual([1013]), soon);
    } finally {
      await pool.query(`ALTER TABLE ${table} RENAME COLUMN hidden TO ${column}`);
    }
    expect(JSON.stringify(socket.seen)).toContain(code);
    restored();
    await vi.waitFor(() => expect(socket.connections()).toBe(2), soon);
    expect(socket.isComplete()).toBe(false);
    await socket.stop();
  },
);

test("a WebSocket server that shuts down closes its sockets with a code on which clients reconnect", async () => {
  const closing = await startWebSocketServer(0);
  const codes: number[] = [];
  const client = createClient({
    url: `ws://localhost:${closing.port}/graphql`,
    webSocketImpl: WebSocket,
    lazy: false,
    connectionParams: { token: good() },
    retryAttempts: 0,
    onNonLazyError: () => undefined,
    on: { closed: (event) => codes.push(z.object({ code: z.number() }).parse(event).code) },
  });
  await new Promise<void>((resolve) => client.on("connected", () => resolve()));
  await closing.close();
  await vi.waitFor(() => expect(codes).toEqual([1001]), soon);
  await client.dispose();
});
