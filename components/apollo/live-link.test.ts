import { ApolloClient, type ApolloLink, execute, InMemoryCache } from "@apollo/client";
import { parse } from "graphql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Outages } from "@/components/outage/outages";
import { type LiveServer, startLiveServer } from "@/dev/testing/live-server";
import documents from "@/lib/graphql/trusted-documents.json";
import { authorizedFetch } from "./authorized-fetch";
import { liveLink } from "./live-link";
import { Session } from "./session";

const subscriptionDocument = parse(`
  subscription Event {
    event
  }
`);

let server: LiveServer;
const stops: (() => void)[] = [];
beforeEach(async () => {
  server = await startLiveServer();
});
afterEach(async () => {
  for (const stop of stops.splice(0)) stop();
  await server.close();
});

const soon = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 2 });
const streams = (count: number) => soon(() => expect(server.open.size).toBe(count));
const publish = (event: string) => {
  for (const feed of server.open) feed.publish(event);
};

/**
 * Subscribes through a live link. Returns the page's state, which a test may change, and the events that the link has emitted.
 */
function page(document = subscriptionDocument, context = {}) {
  const state = { token: "good" as string | null, isOnline: true, isVisible: true };
  const outages = new Outages(() => Promise.resolve(false));
  const listeners = new Set<() => void>();
  let comeOnline = () => {};
  const session = new Session(() =>
    state.isOnline
      ? Promise.resolve()
      : new Promise((resolve) => {
          comeOnline = resolve;
        }),
  );
  session.setTokenSource(async () => state.token, false);
  const link = liveLink({
    url: server.url,
    fetch: authorizedFetch(session),
    session,
    outages,
    activity: {
      isActive: () => state.isVisible,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
    },
  });
  const seen: unknown[] = [];
  const failures: unknown[] = [];
  const client = new ApolloClient({ cache: new InMemoryCache(), link });
  const subscription = execute(link, { query: document, context }, { client }).subscribe({
    next: ({ data }: ApolloLink.Result) => seen.push(data?.event),
    error: (error) => failures.push(error),
  });
  stops.push(() => subscription.unsubscribe());
  const setVisible = (isVisible: boolean) => {
    state.isVisible = isVisible;
    for (const listener of listeners) listener();
  };
  const online = () => {
    state.isOnline = true;
    comeOnline();
  };
  return {
    state,
    session,
    seen,
    failures,
    outages,
    setVisible,
    online,
    leave: () => subscription.unsubscribe(),
  };
}

const lastRequest = () => server.asked.at(-1);

test("events arrive in order over a stream with the session's token", async () => {
  const { seen } = page();
  await streams(1);
  for (const event of ["one", "two", "three"]) publish(event);
  await soon(() => expect(seen).toEqual(["one", "two", "three"]));
  expect(lastRequest()?.authorization).toBe("Bearer good");
});

test("without dataReadAt, each opening of the stream sends x-stream-resumed: true", async () => {
  const { seen } = page();
  await streams(1);
  publish("one");
  await soon(() => expect(seen).toEqual(["one"]));
  server.cut();
  await soon(() => expect(server.asked).toHaveLength(2));
  expect(server.asked.map((headers) => headers["x-stream-resumed"])).toEqual(["true", "true"]);
});

test("each opening of the stream sends the current dataReadAt, until the identity is switched", async () => {
  let readAt = 1_000;
  const { session } = page(subscriptionDocument, { dataReadAt: () => readAt });
  await streams(1);
  readAt = 2_000;
  server.cut();
  await soon(() => expect(server.asked).toHaveLength(2));
  await streams(1);
  session.notifySwitch();
  await soon(() => expect(server.asked).toHaveLength(3));
  const sent = server.asked.map((each) => [each["x-stream-since"], each["x-stream-resumed"]]);
  expect(sent).toEqual([
    ["1000", undefined],
    ["2000", undefined],
    [undefined, "true"],
  ]);
});

test("a stream that ended because its token expired reopens at once with a fresh token", async () => {
  const { state, seen } = page();
  await streams(1);
  publish("before");
  await soon(() => expect(seen).toEqual(["before"]));
  state.token = "fresh";
  for (const feed of server.open) void feed.return();
  await soon(() => expect(lastRequest()?.authorization).toBe("Bearer fresh"));
  await streams(1);
  publish("after");
  await soon(() => expect(seen).toEqual(["before", "after"]));
});

test("a stream that fails is retried with exponential backoff", async () => {
  const at: number[] = [];
  server.answer = (response) => {
    at.push(performance.now());
    response.writeHead(503).end();
  };
  const { seen, failures } = page();
  await soon(() => expect(at.length).toBe(4));
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  // The waits are 250, 500 and 1,000 ms, each shortened at random by up to a half (jitter).
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan(0.49 * 250 * 2 ** index);
  }
  server.answer = null;
  await streams(1);
  publish("back");
  await soon(() => expect(seen).toEqual(["back"]));
  expect(failures).toEqual([]);
});

test("a stream that completes without a result is retried with backoff too", async () => {
  let times = 0;
  server.answer = (response) => {
    times += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.end("event: complete\ndata:\n\n");
  };
  const startedAt = performance.now();
  page();
  await soon(() => expect(times).toBe(3));
  expect(performance.now() - startedAt).toBeGreaterThan(0.49 * (250 + 500));
});

test.each([400, 401, 403])("a stream refused with %i is not retried", async (status) => {
  let times = 0;
  server.answer = (response) => {
    times += 1;
    response.writeHead(status).end();
  };
  const { failures } = page();
  await soon(() => expect(failures).toHaveLength(1));
  expect(times).toBe(1);
});

test("a stream refused with 429 is retried", async () => {
  server.answer = (response) => {
    server.answer = null;
    response.writeHead(429).end();
  };
  const { failures } = page();
  await streams(1);
  expect(failures).toEqual([]);
});

test("while offline, the stream waits for the network", async () => {
  const { state, online } = page();
  await streams(1);
  state.isOnline = false;
  server.cut();
  await streams(0);
  const requests = server.asked.length;
  online();
  await soon(() => expect(server.asked.length).toBe(requests + 1));
  await streams(1);
});

test("after a switch of identity the stream reopens with the new token, and late events of the old stream are ignored", async () => {
  const { state, session, seen } = page();
  await streams(1);
  const [before] = server.open;
  state.token = "another";
  session.notifySwitch();
  before?.publish("for the old identity");
  await soon(() => expect(lastRequest()?.authorization).toBe("Bearer another"));
  await soon(() => expect([...server.open].some((feed) => feed !== before)).toBe(true));
  await streams(1);
  publish("for the new identity");
  await soon(() => expect(seen).toEqual(["for the new identity"]));
});

test("the stream is closed after sign-out and opened again after sign-in", async () => {
  const { state, session } = page();
  await streams(1);
  state.token = null;
  session.notifySwitch();
  await streams(0);
  expect(server.asked).toHaveLength(1);
  state.token = "another";
  session.notifySwitch();
  await streams(1);
  expect(lastRequest()?.authorization).toBe("Bearer another");
});

test("the stream is closed while the page is hidden", async () => {
  const { setVisible } = page();
  await streams(1);
  setVisible(false);
  await streams(0);
  setVisible(true);
  await streams(1);
  expect(server.asked).toHaveLength(2);
});

test("a lost stream that does not reopen is reported as an outage, from its loss until it is open again", async () => {
  const { outages } = page();
  await streams(1);
  const lostAt = Date.now();
  server.answer = (response) => response.writeHead(503).end();
  server.cut();
  await soon(() => expect(outages.since).not.toBeNull());
  expect(outages.since).toBeGreaterThanOrEqual(lostAt);
  expect(Date.now() - lostAt).toBeGreaterThanOrEqual(1_990);
  expect(outages.since).toBeLessThan(lostAt + 500);
  server.answer = null;
  await soon(() => expect(outages.since).toBeNull());
  await streams(1);
});

test("a stream that the client closes is not reported as an outage", async () => {
  const { outages, setVisible, leave } = page();
  await streams(1);
  server.answer = (response) => response.writeHead(503).end();
  server.cut();
  await soon(() => expect(outages.since).not.toBeNull());
  setVisible(false);
  expect(outages.since).toBeNull();
  setVisible(true);
  await soon(() => expect(outages.since).not.toBeNull());
  leave();
  expect(outages.since).toBeNull();
});

/** Creates a token with this lifetime in seconds. Only the client reads it: the stub server keeps the stream open after expiry. */
const tokenOf = (lifetime: number) =>
  `head.${btoa(JSON.stringify({ iat: 1_000, exp: 1_000 + lifetime }))}.signature`;

test("a stream that is still open 10 s after its token has expired is treated as a dead connection and reopened", async () => {
  const { state, session } = page();
  await streams(1);
  state.token = tokenOf(-9.8);
  const openedBefore = server.asked.length;
  session.notifySwitch();
  await soon(() => expect(server.asked.length).toBeGreaterThan(openedBefore + 1));
});

test("unsubscribing ends the stream, also during the backoff", async () => {
  server.answer = (response) => response.writeHead(503).end();
  const { leave } = page();
  await soon(() => expect(server.asked).toHaveLength(1));
  leave();
  server.answer = null;
  const { seen } = page();
  await streams(1);
  publish("only here");
  await soon(() => expect(seen).toEqual(["only here"]));
  await streams(1);
});

test("an operation of this build is sent with the hash of its trusted document", async () => {
  const text = Object.values(documents).find((each) => each.includes("HomeViewerChanged"));
  let body = "";
  server.answer = (response) => {
    response.req.on("data", (chunk) => {
      body += chunk;
    });
    response.req.on("end", () => response.writeHead(403).end());
  };
  page(parse(text ?? ""));
  await soon(() => expect(body).not.toBe(""));
  expect(Object.keys(documents)).toContain(JSON.parse(body).extensions.persistedQuery.sha256Hash);
});
