import { ApolloClient, type ApolloLink, execute, InMemoryCache } from "@apollo/client";
import { parse } from "graphql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type LiveServer, startLiveServer } from "@/dev/testing/live-server";
import documents from "@/lib/graphql/trusted-documents.json";
import { authorizedFetch } from "./authorized-fetch";
import { liveLink } from "./live-link";
import { Session } from "./session";

const told = parse(`
  subscription Told {
    told
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
const tell = (event: string) => {
  for (const feed of server.open) feed.publish(event);
};

/** A page of somebody whose token is `token`, and what it was told. */
function page(document = told, context = {}) {
  const person = { token: "good" as string | null, isOnline: true, isVisible: true };
  const listeners = new Set<() => void>();
  let comeOnline = () => {};
  const session = new Session(() =>
    person.isOnline
      ? Promise.resolve()
      : new Promise((resolve) => {
          comeOnline = resolve;
        }),
  );
  session.setTokenSource(async () => person.token, false);
  const link = liveLink({
    url: server.url,
    fetch: authorizedFetch(session),
    session,
    visibility: {
      isVisible: () => person.isVisible,
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
    next: ({ data }: ApolloLink.Result) => seen.push(data?.told),
    error: (error) => failures.push(error),
  });
  stops.push(() => subscription.unsubscribe());
  const look = (isVisible: boolean) => {
    person.isVisible = isVisible;
    for (const listener of listeners) listener();
  };
  const online = () => {
    person.isOnline = true;
    comeOnline();
  };
  return { person, session, seen, failures, look, online, leave: () => subscription.unsubscribe() };
}

const lastAsked = () => server.asked.at(-1);

test("events come in order, with the token of the session", async () => {
  const { seen } = page();
  await streams(1);
  for (const event of ["one", "two", "three"]) tell(event);
  await soon(() => expect(seen).toEqual(["one", "two", "three"]));
  expect(lastAsked()?.authorization).toBe("Bearer good");
});

test("each opening says that something may have been missed", async () => {
  const { seen } = page();
  await streams(1);
  tell("one");
  await soon(() => expect(seen).toEqual(["one"]));
  server.cut();
  await soon(() => expect(server.asked).toHaveLength(2));
  expect(server.asked.map((headers) => headers["x-stream-resumed"])).toEqual(["true", "true"]);
});

test("a page that knows until when it knows says so at each opening, but not to the next person", async () => {
  let known = 1_000;
  const { session } = page(told, { dataReadAt: () => known });
  await streams(1);
  known = 2_000;
  server.cut();
  await soon(() => expect(server.asked).toHaveLength(2));
  await streams(1);
  session.notifySwitch();
  await soon(() => expect(server.asked).toHaveLength(3));
  const said = server.asked.map((each) => [each["x-stream-since"], each["x-stream-resumed"]]);
  expect(said).toEqual([
    ["1000", undefined],
    ["2000", undefined],
    [undefined, "true"],
  ]);
});

test("a stream that ended with its token comes back with the fresh one, at once", async () => {
  const { person, seen } = page();
  await streams(1);
  tell("before");
  await soon(() => expect(seen).toEqual(["before"]));
  person.token = "fresh";
  for (const feed of server.open) void feed.return();
  await soon(() => expect(lastAsked()?.authorization).toBe("Bearer fresh"));
  await streams(1);
  tell("after");
  await soon(() => expect(seen).toEqual(["before", "after"]));
});

test("one that brings nothing is asked for less and less often", async () => {
  const at: number[] = [];
  server.answer = (response) => {
    at.push(performance.now());
    response.writeHead(503).end();
  };
  const { seen, failures } = page();
  await soon(() => expect(at.length).toBe(4));
  const waits = at.slice(1).map((time, index) => time - (at[index] ?? 0));
  // 250, 500 and 1,000 ms, each by up to a half less.
  for (const [index, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan(0.49 * 250 * 2 ** index);
  }
  server.answer = null;
  await streams(1);
  tell("back");
  await soon(() => expect(seen).toEqual(["back"]));
  expect(failures).toEqual([]);
});

test("one that is completed before it brought anything is no success either", async () => {
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

test.each([400, 401, 403])("a %i is final", async (status) => {
  let times = 0;
  server.answer = (response) => {
    times += 1;
    response.writeHead(status).end();
  };
  const { failures } = page();
  await soon(() => expect(failures).toHaveLength(1));
  expect(times).toBe(1);
});

test("a 429 passes", async () => {
  server.answer = (response) => {
    server.answer = null;
    response.writeHead(429).end();
  };
  const { failures } = page();
  await streams(1);
  expect(failures).toEqual([]);
});

test("without a network it waits for one", async () => {
  const { person, online } = page();
  await streams(1);
  person.isOnline = false;
  server.cut();
  await streams(0);
  const asked = server.asked.length;
  online();
  await soon(() => expect(server.asked.length).toBe(asked + 1));
  await streams(1);
});

test("a switch closes the stream and opens it as the new person; what the old one brings late is not heard", async () => {
  const { person, session, seen } = page();
  await streams(1);
  const [before] = server.open;
  person.token = "another";
  session.notifySwitch();
  before?.publish("to the one before");
  await soon(() => expect(lastAsked()?.authorization).toBe("Bearer another"));
  await soon(() => expect([...server.open].some((feed) => feed !== before)).toBe(true));
  await streams(1);
  tell("to the one now");
  await soon(() => expect(seen).toEqual(["to the one now"]));
});

test("who signs out has no stream, until somebody signs in", async () => {
  const { person, session } = page();
  await streams(1);
  person.token = null;
  session.notifySwitch();
  await streams(0);
  expect(server.asked).toHaveLength(1);
  person.token = "another";
  session.notifySwitch();
  await streams(1);
  expect(lastAsked()?.authorization).toBe("Bearer another");
});

test("a page that nobody sees has no stream", async () => {
  const { look } = page();
  await streams(1);
  look(false);
  await streams(0);
  look(true);
  await streams(1);
  expect(server.asked).toHaveLength(2);
});

test("who leaves is gone, also while the next attempt waits", async () => {
  server.answer = (response) => response.writeHead(503).end();
  const { leave } = page();
  await soon(() => expect(server.asked).toHaveLength(1));
  leave();
  server.answer = null;
  const { seen } = page();
  await streams(1);
  tell("only here");
  await soon(() => expect(seen).toEqual(["only here"]));
  await streams(1);
});

test("an operation of this build is sent with the hash under which the server knows it", async () => {
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
