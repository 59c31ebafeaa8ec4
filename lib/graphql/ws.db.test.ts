import { createClient } from "graphql-ws";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import WebSocket from "ws";
import { z } from "zod";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";
import { startWebSocketServer } from "./ws-server";

const server = await startWebSocketServer(0);
const { port } = z.object({ port: z.number() }).parse(server.address());
const sub = clerkId("user");
const VIEWER = "subscription { viewerChanged { refetch viewer { firstName } } }";
const soon = { timeout: 3_000, interval: 10 };

beforeAll(async () => {
  await listening();
  await mirrorUser(sub);
  await caughtUp();
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function watch(query: string, token: () => string) {
  const closed: number[] = [];
  const seen: unknown[] = [];
  let acknowledged = 0;
  const client = createClient({
    url: `ws://localhost:${port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: () => ({ token: token() }),
    retryWait: () => Promise.resolve(),
    on: {
      connected: () => {
        acknowledged += 1;
      },
      closed: (event) => closed.push(z.object({ code: z.number() }).parse(event).code),
    },
  });
  client.subscribe(
    { query },
    {
      next: (value) => seen.push(value),
      error: (error) => seen.push(error),
      complete: () => undefined,
    },
  );
  return { seen, closed, connections: () => acknowledged, stop: () => client.dispose() };
}

const good = () => signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub });

test("a change is told over the socket", async () => {
  const { seen, connections, stop } = watch(VIEWER, good);
  await vi.waitFor(() => expect(connections()).toBe(1), soon);
  let version = 1_790_000_001_000;
  await vi.waitFor(async () => {
    await mirrorUser(sub, { first_name: "Socket", updated_at: version++ });
    expect(JSON.stringify(seen)).toContain("Socket");
  }, soon);
  await stop();
});

test.each([
  ["no token", () => ""],
  ["an expired token", () => signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, exp: 1 })],
])("%s: closed with 4401", async (_name, token) => {
  const { closed, connections, stop } = watch(VIEWER, token);
  await vi.waitFor(() => expect(closed).toEqual([4401]), soon);
  expect(connections()).toBe(0);
  await stop();
});

test("the token expires: closed, and the client comes back with a fresh one", async () => {
  const exp = Date.now() / 1000 + 0.7;
  let asked = 0;
  const token = () => {
    asked += 1;
    return asked === 1 ? signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub, exp }) : good();
  };
  const { closed, connections, stop } = watch(VIEWER, token);
  await vi.waitFor(() => expect(connections()).toBe(2), soon);
  expect(closed).toEqual([4499]);
  await stop();
});

test.each([
  ["a query", "{ viewer { id } }"],
  ["an admin's feed", "subscription { deliveryReceived { refetch } }"],
])("%s is refused there", async (_name, query) => {
  const { seen, stop } = watch(query, good);
  await vi.waitFor(() => expect(JSON.stringify(seen)).toMatch(/BAD_USER_INPUT|FORBIDDEN/), soon);
  await stop();
});
