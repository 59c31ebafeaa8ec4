// `POST /sessions/:id/refresh`: how Clerk's SDK renews an expired session token during a page load.

import { createClerkClient } from "@clerk/backend";
import { expect } from "vitest";
import { MovableClock } from "../clock";
import { ines, kofi } from "../testing/seeded";
import { test as siteTest } from "../testing/test";

const minutes = 60_000;
const twoMinutesBehind = () => new MovableClock({ ticking: false, at: Date.now() - 2 * minutes });

function parseCookies(directives: string[]): Map<string, string> {
  const pairs = directives.map((each) => each.split(";")[0] ?? "");
  return new Map(pairs.map((each) => [each.split("=")[0] ?? "", each.replace(/^[^=]+=/, "")]));
}

/** A session whose token has expired, with the cookies that a handshake set two minutes ago. */
type Expired = {
  sessionId: string;
  cookies: Map<string, string>;
  token: string;
  refreshToken: string;
};

const pastTest = siteTest.extend<{ clock: MovableClock }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of a fixture's needs from here
  clock: ({}, use) => use(twoMinutesBehind()),
});

const test = pastTest.extend<{
  expired: Expired;
  /**
   * Calls the refresh endpoint with the cookies of the expired session. The fields of `changed` replace fields of the request
   * body.
   */
  refresh: (
    changed?: Record<string, string>,
    sessionId?: string,
  ) => Promise<{ status: number; body: { object: string }; code?: string }>;
}>({
  expired: async ({ site, browser, clock }, use) => {
    const { body } = await browser.signIn(ines.email);
    const target = encodeURIComponent(`${site.appUrl}/home`);
    await browser.fetch("GET", `/client/handshake?format=nonce&redirect_url=${target}`);
    const nonce = browser.cookie("__clerk_handshake_nonce");
    const payload = await site.callBackend("GET", `/clients/handshake_payload?nonce=${nonce}`);
    const cookies = parseCookies(payload.body.directives);
    clock.advance(2 * minutes);
    const find = (name: RegExp) => [...cookies].find(([each]) => name.test(each))?.[1] ?? "";
    await use({
      sessionId: body.response.created_session_id,
      cookies,
      token: find(/^__session$/),
      refreshToken: find(/^__refresh_/),
    });
  },
  refresh: ({ site, expired }, use) =>
    use((changed = {}, sessionId = expired.sessionId) =>
      site.callBackend("POST", `/sessions/${sessionId}/refresh`, {
        expired_token: expired.token,
        refresh_token: expired.refreshToken,
        request_origin: site.appUrl,
        ...changed,
      }),
    ),
});

test("Clerk's SDK refreshes an expired session token during a page load, without a redirect", async ({
  site,
  clerk,
  expired,
}) => {
  const { publishableKey, secretKey, jwtKey } = clerk.keys;
  const apiUrl = `${clerk.url}/bapi`;
  const telemetry = { disabled: true };
  const client = createClerkClient({ publishableKey, secretKey, jwtKey, apiUrl, telemetry });
  const cookie = [...expired.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  const headers = { cookie, accept: "text/html", "sec-fetch-dest": "document" };
  const request = new Request(`${site.appUrl}/home`, { headers });
  const state = await client.authenticateRequest(request, { jwtKey });
  expect(state.status).toBe("signed-in");
  expect(state.toAuth()).toMatchObject({ sessionId: expired.sessionId });
  const fresh = parseCookies(state.headers.getSetCookie());
  expect(fresh.get("__session")).not.toBe(expired.token);
  expect(fresh.get("__session")).toMatch(/^ey/);
});

test("a refresh returns only a token unless cookies are requested", async ({ refresh }) => {
  expect(await refresh()).toMatchObject({ status: 200, body: { object: "token" } });
});

test("a refresh is refused for another session, a foreign or forged token, another origin or an ended session", async ({
  site,
  backend,
  expired,
  refresh,
}) => {
  const foreign = await backend.sessions.createSession({ userId: kofi.id });
  const { jwt } = await backend.sessions.getToken(foreign.id);
  const forged = `${expired.token.split(".").slice(0, 2).join(".")}.${"A".repeat(342)}`;
  const refusal = async (call: ReturnType<typeof refresh>) => {
    const { status, code } = await call;
    expect(status).toBe(401);
    return code;
  };
  expect(await refusal(refresh({}, "sess_none"))).toBe("authentication_invalid");
  expect(await refusal(refresh({}, foreign.id))).toBe("refresh_token_not_found");
  expect(await refusal(refresh({ refresh_token: "x" }))).toBe("refresh_token_not_found");
  for (const expired_token of [forged, "no.token", jwt]) {
    expect(await refusal(refresh({ expired_token }))).toBe("expired_session_token_invalid");
  }
  const elsewhere = refresh({ request_origin: "http://evil.example" });
  expect(await refusal(elsewhere)).toBe("refresh_request_origin_azp_mismatch");
  await site.callBackend("POST", `/sessions/${expired.sessionId}/revoke`);
  expect(await refusal(refresh())).toBe("authentication_invalid");
});
