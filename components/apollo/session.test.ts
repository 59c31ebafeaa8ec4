import { ClerkOfflineError } from "@clerk/nextjs/errors";
import { expect, test } from "vitest";
import { authorizedFetch } from "./authorized-fetch";
import { AuthTokenNotReady, Session } from "./session";

const resolved = () => Promise.resolve();

/** Creates a stub server that accepts one token, and records the authorization headers. */
function server(good: string) {
  const sent: (string | null)[] = [];
  const send: typeof fetch = async (_input, init) => {
    const authorization = new Headers(init?.headers).get("authorization");
    sent.push(authorization);
    return new Response(null, { status: authorization === `Bearer ${good}` ? 200 : 401 });
  };
  return { sent, send };
}

test("an operation is not sent until Clerk is loaded", async () => {
  const { sent, send } = server("good");
  let pauses = 0;
  const session = new Session(resolved, async () => {
    pauses += 1;
    if (pauses === 3) session.setTokenSource(async () => "good", true);
  });
  const response = await authorizedFetch(session, send)("/api/graphql");
  expect([response.status, sent, pauses]).toEqual([200, ["Bearer good"], 3]);
});

test("token() rejects with AuthTokenNotReady if Clerk has not loaded after all retries", async () => {
  const session = new Session(resolved, resolved);
  await expect(session.token()).rejects.toBeInstanceOf(AuthTokenNotReady);
});

test("while signed out, no authorization header is sent and a request with response 401 is not sent again", async () => {
  const { sent, send } = server("good");
  const session = new Session(resolved, resolved);
  session.setTokenSource(async () => null, false);
  expect((await authorizedFetch(session, send)("/api/graphql")).status).toBe(401);
  expect(sent).toEqual([null]);
});

test("an operation during a switch of session or organization waits until Clerk has a token", async () => {
  const { sent, send } = server("good");
  let token: string | null = null;
  const session = new Session(resolved, async () => {
    token = "good";
  });
  session.setTokenSource(async () => token, true);
  expect((await authorizedFetch(session, send)("/api/graphql")).status).toBe(200);
  expect(sent).toEqual(["Bearer good"]);
});

test("ten operations that are refused in parallel share one refresh, and each is sent once more", async () => {
  const { sent, send } = server("fresh");
  const asked: boolean[] = [];
  const session = new Session(resolved, resolved);
  session.setTokenSource(async (options) => {
    asked.push(options?.skipCache ?? false);
    return options?.skipCache ? "fresh" : "stale";
  }, true);
  const authorized = authorizedFetch(session, send);
  const responses = await Promise.all(Array.from({ length: 10 }, () => authorized("/api/graphql")));
  expect(responses.every(({ ok }) => ok)).toBe(true);
  expect(asked.filter(Boolean)).toHaveLength(1);
  expect(sent).toHaveLength(20);
});

test.each([
  ["when the fresh token is refused too", async () => `t${Math.random()}`, 2],
  ["when the fresh token is the same", async () => "same", 1],
])("a 401 response is returned to the caller %s", async (_name, getToken, times) => {
  const { sent, send } = server("good");
  const session = new Session(resolved, resolved);
  session.setTokenSource(getToken, true);
  expect((await authorizedFetch(session, send)("/api/graphql")).status).toBe(401);
  expect(sent).toHaveLength(times);
});

test.each([500, 503, 403, 400])(
  "an operation with response %i is not sent again, because it may have been executed",
  async (status) => {
    let sent = 0;
    const session = new Session(resolved, resolved);
    session.setTokenSource(async () => "token", true);
    const send: typeof fetch = async () => {
      sent += 1;
      return new Response(null, { status });
    };
    expect((await authorizedFetch(session, send)("/api/graphql")).status).toBe(status);
    expect(sent).toBe(1);
  },
);

test("token() waits for the network while the browser is offline", async () => {
  let isOnline = false;
  const session = new Session(async () => {
    isOnline = true;
  }, resolved);
  session.setTokenSource(async () => {
    if (!isOnline) throw new ClerkOfflineError("offline");
    return "token";
  }, true);
  expect(await session.token()).toBe("token");
});
