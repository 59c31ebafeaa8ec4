import { createClerkClient } from "@clerk/backend";
import { afterEach, beforeEach, expect, test } from "vitest";
import { MovableClock } from "../clock";
import type { LocalClerk } from "../start";
import {
  Browser,
  type Receiver,
  startClerkFor,
  startReceiver,
  temporaryFolder,
} from "../testing/site";

const minute = 60_000;
let folder: ReturnType<typeof temporaryFolder>;
let receiver: Receiver;
let clerk: LocalClerk;
let clock: MovableClock;
let cookies: Map<string, string>;
let sessionId: string;

/** Somebody signed in two minutes ago, by a page load that made the round of the handshake. */
beforeEach(async () => {
  folder = temporaryFolder();
  receiver = await startReceiver();
  clock = new MovableClock({ ticking: false, at: Date.now() - 2 * minute });
  clerk = (await startClerkFor(receiver, folder.path, clock)).clerk;
  const browser = new Browser(clerk, receiver.url);
  const identifier = "ines.duarte@example.com";
  const form = { identifier, strategy: "password", password: clerk.password };
  const { body } = await browser.answer("POST", "/client/sign_ins", form);
  sessionId = body.response.created_session_id;
  const target = encodeURIComponent(`${receiver.url}/home`);
  await browser.request("GET", `/client/handshake?format=nonce&redirect_url=${target}`);
  const nonce = browser.cookie("__clerk_handshake_nonce");
  const payload = await bapi("GET", `/clients/handshake_payload?nonce=${nonce}`);
  cookies = cookiesOf(payload.body.directives);
  clock.advance(2 * minute);
});
afterEach(async () => {
  await clerk.close();
  await receiver.close();
  folder.remove();
});

function cookiesOf(directives: string[]): Map<string, string> {
  const pairs = directives.map((each) => each.split(";")[0] ?? "");
  return new Map(pairs.map((each) => [each.split("=")[0] ?? "", each.replace(/^[^=]+=/, "")]));
}

async function bapi(method: string, path: string, body?: unknown) {
  const response = await fetch(`${clerk.url}/bapi/v1${path}`, {
    method,
    headers: {
      authorization: `Bearer ${clerk.keys.secretKey}`,
      "content-type": "application/json",
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return { status: response.status, body: await response.json() };
}

const kept = (name: RegExp) => [...cookies].find(([each]) => name.test(each))?.[1] ?? "";

const refresh = (changed: Record<string, string> = {}, id = sessionId) =>
  bapi("POST", `/sessions/${id}/refresh`, {
    expired_token: kept(/^__session$/),
    refresh_token: kept(/^__refresh_/),
    request_origin: receiver.url,
    ...changed,
  });

test("a page load with an expired token is served at once, by the SDK's own refresh", async () => {
  const { publishableKey, secretKey, jwtKey } = clerk.keys;
  const apiUrl = `${clerk.url}/bapi`;
  const telemetry = { disabled: true };
  const client = createClerkClient({ publishableKey, secretKey, jwtKey, apiUrl, telemetry });
  const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { cookie, accept: "text/html", "sec-fetch-dest": "document" };
  const request = new Request(`${receiver.url}/home`, { headers });
  const state = await client.authenticateRequest(request, { jwtKey });
  expect(state.status).toBe("signed-in");
  expect(state.toAuth()).toMatchObject({ sessionId });
  const fresh = cookiesOf(state.headers.getSetCookie());
  expect(fresh.get("__session")).not.toBe(kept(/^__session$/));
  expect(fresh.get("__session")).toMatch(/^ey/);
});

test("the token alone is answered when cookies are not asked for", async () => {
  expect(await refresh()).toMatchObject({ status: 200, body: { object: "token" } });
});

test("nothing is refreshed for another session, another's token, a forged one, elsewhere, or after the end", async () => {
  const stranger = await bapi("POST", "/sessions", {
    user_id: (await bapi("GET", "/users?query=kofi")).body[0].id,
  });
  const strangersToken = await bapi("POST", `/sessions/${stranger.body.id}/tokens`);
  const token = kept(/^__session$/);
  const swapped = `${token.split(".").slice(0, 2).join(".")}.${"A".repeat(342)}`;
  const why = async (asked: ReturnType<typeof refresh>) => {
    const { status, body } = await asked;
    expect(status).toBe(401);
    return body.errors[0].code;
  };
  expect(await why(refresh({}, "sess_nobody"))).toBe("authentication_invalid");
  expect(await why(refresh({}, stranger.body.id))).toBe("refresh_token_not_found");
  expect(await why(refresh({ refresh_token: "x" }))).toBe("refresh_token_not_found");
  for (const expired_token of [swapped, "no.token", strangersToken.body.jwt]) {
    expect(await why(refresh({ expired_token }))).toBe("expired_session_token_invalid");
  }
  const elsewhere = refresh({ request_origin: "http://evil.example" });
  expect(await why(elsewhere)).toBe("refresh_request_origin_azp_mismatch");
  await bapi("POST", `/sessions/${sessionId}/revoke`);
  expect(await why(refresh())).toBe("authentication_invalid");
});
