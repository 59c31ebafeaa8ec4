import type { ServerResponse } from "node:http";
import { parse } from "graphql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveServer, startLiveServer } from "@/dev/testing/live-server";
import { makeClient } from "./make-client";
import { Session } from "./session";

const query = parse(`
  query Hello {
    hello
  }
`);
const mutation = parse(`
  mutation Count {
    count
  }
`);

let server: LiveServer;
beforeEach(async () => {
  server = await startLiveServer();
});
afterEach(async () => {
  vi.unstubAllGlobals();
  await server.close();
});

/** Creates a client whose network a test can switch off. */
function browser(answerWithin?: number) {
  const network = { isUp: true, waits: 0, back: () => {} };
  const session = new Session(() => {
    if (network.isUp) return Promise.resolve();
    network.waits += 1;
    return new Promise((resolve) => {
      network.back = resolve;
    });
  });
  session.setTokenSource(async (options) => (options?.skipCache ? "fresh" : "good"), true);
  vi.stubGlobal("navigator", {
    get onLine() {
      return network.isUp;
    },
  });
  let sent = 0;
  const send: typeof fetch = (input, init) => {
    sent += 1;
    if (!network.isUp) return Promise.reject(new TypeError("Failed to fetch"));
    return fetch(new URL(String(input), server.url), init);
  };
  return { client: makeClient(session, send, answerWithin), network, sent: () => sent };
}

test("a query is sent with the session token and without cookies", async () => {
  const { client } = browser();
  expect((await client.query({ query })).data).toEqual({ hello: "hello" });
  expect(server.asked.at(-1)?.authorization).toBe("Bearer good");
  expect(server.asked.at(-1)?.cookie).toBeUndefined();
});

test("a request without a response fails after the time limit, and the next request succeeds", async () => {
  // The limit applies to both queries, so it must be long enough for the second query on a busy machine.
  const { client } = browser(500);
  server.answer = () => {};
  await expect(client.query({ query })).rejects.toThrow(/timeout/i);
  server.answer = null;
  expect((await client.query({ query })).data).toEqual({ hello: "hello" });
});

test("a query that fails while offline is sent again once online", async () => {
  const { client, network, sent } = browser();
  network.isUp = false;
  const answer = client.query({ query });
  await vi.waitFor(() => expect(sent()).toBe(1));
  await vi.waitFor(() => expect(network.waits).toBe(1));
  network.isUp = true;
  network.back();
  expect((await answer).data).toEqual({ hello: "hello" });
});

test("a mutation that fails while offline is not sent again", async () => {
  const { client, network, sent } = browser();
  network.isUp = false;
  await expect(client.mutate({ mutation })).rejects.toThrow("Failed to fetch");
  network.isUp = true;
  network.back();
  expect((await client.query({ query })).data).toEqual({ hello: "hello" });
  expect(sent()).toBe(3);
  expect(server.counted).toBe(0);
});

test.each<[string, (response: ServerResponse) => void]>([
  ["was lost", (response) => response.destroy()],
  ["was a 500", (response) => response.writeHead(500).end("{}")],
  ["was a 503", (response) => response.writeHead(503).end("{}")],
])("a mutation is not sent again when its response %s", async (_name, answer) => {
  const { client } = browser();
  server.answer = (response) => {
    server.counted += 1;
    answer(response);
  };
  await expect(client.mutate({ mutation })).rejects.toThrow();
  server.answer = null;
  await client.query({ query });
  expect(server.counted).toBe(1);
});

test("a mutation that is refused with 401 is sent once more with a fresh token", async () => {
  const { client } = browser();
  server.answer = (response) => {
    server.answer = null;
    response.writeHead(401, { "content-type": "application/json" }).end('{"errors":[]}');
  };
  expect((await client.mutate({ mutation })).data).toEqual({ count: 1 });
  const [first, second] = server.asked.map(({ authorization }) => authorization);
  expect([first, second, server.counted]).toEqual(["Bearer good", "Bearer fresh", 1]);
});

test("a subscription is sent to the stream endpoint", async () => {
  const { client } = browser();
  const target = { addEventListener() {}, removeEventListener() {} };
  vi.stubGlobal("document", { ...target, visibilityState: "visible" });
  vi.stubGlobal("window", target);
  vi.stubGlobal("navigator", { onLine: true });
  const seen: unknown[] = [];
  const subscription = client
    .subscribe({
      query: parse(`
        subscription Event {
          event
        }
      `),
    })
    .subscribe(({ data }) => seen.push(data));
  await vi.waitFor(() => expect(server.open.size).toBe(1));
  for (const feed of server.open) feed.publish("one");
  await vi.waitFor(() => expect(seen).toEqual([{ event: "one" }]));
  vi.stubGlobal("document", { removeEventListener() {} });
  subscription.unsubscribe();
});
