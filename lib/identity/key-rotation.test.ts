/**
 * Tests the rotation of Clerk's key: Clerk signs with a key other than the pinned key. No user may be signed out, and Clerk must
 * not get many requests.
 */
import { createHmac, createPublicKey } from "node:crypto";
import { NextFetchEvent } from "next/dist/server/web/spec-extension/fetch-event";
import { NextRequest } from "next/server";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { answerJson, type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { APP_URL, makeKeys, type TestKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken, signTokenSymmetrically } from "@/dev/testing/sign";
import { verifySessionToken } from "./session-token";

const [old, current, next] = [makeKeys(), makeKeys(), makeKeys()];
const [foreign, unpublished] = [makeKeys(), makeKeys()];

const jwkOf = ({ publicKey }: TestKeys, kid: string) => ({
  ...createPublicKey(publicKey).export({ format: "jwk" }),
  kid,
  alg: "RS256",
  use: "sig",
});

const publish = (...keys: object[]) => {
  api.jwks = keys;
};
const jwksRequests = () => api.requests.filter((request) => request.includes("/v1/jwks")).length;

const signed = ({ privateKey }: TestKeys, kid: string | undefined, claims = {}) =>
  signToken(privateKey, claims, { kid });

let api: BackendApi;
let minutes = 0;
beforeAll(async () => {
  api = await startBackendApi();
  const environment = testEnvironment(current, "postgresql://127.0.0.1/none");
  Object.assign(process.env, environment, {
    CLERK_API_URL: api.url,
    CLERK_JWT_KEY: `${foreign.publicKey}${old.publicKey}\n${current.publicKey}`,
  });
});
afterAll(() => api.close());

/**
 * Each test runs ten minutes later than the previous test: the cached key set is outdated, and requests are allowed again. The
 * first test starts without a key set.
 */
beforeEach(() => {
  minutes += 10;
  vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2026, 0, 1, 0, minutes) });
  publish(jwkOf(current, "ins_current"));
  api.intercept = null;
  api.requests.length = 0;
});

const unavailable = { ok: false, reason: "unavailable" };
const invalid = { ok: false, reason: "invalid" };

test("while Clerk's keys cannot be fetched, a token with an unknown key id is not reported as invalid", async () => {
  api.intercept = (response) => answerJson(response, 500, {});
  for (let count = 0; count < 50; count++) {
    expect(await verifySessionToken(signed(unpublished, `ins_${count}`))).toEqual(unavailable);
  }
  expect(jwksRequests()).toBe(3);
});

test.each([
  ["a set without keys", { keys: [] }],
  ["a set of keys that cannot be read", { keys: [{ kid: "ins_next", kty: "RSA", n: "", e: 1 }] }],
  ["no set", "<html>"],
])("a response of Clerk with %s counts as an outage", async (_name, body) => {
  api.intercept = (response) => answerJson(response, 200, body);
  expect(await verifySessionToken(signed(next, "ins_next"))).toEqual(unavailable);
});

test.each([
  ["the first key", foreign, "ins_foreign"],
  ["the last key", current, "ins_current"],
  ["a key without an id", old, undefined],
])(
  "a token signed with %s of CLERK_JWT_KEY is accepted without a request to Clerk",
  async (_name, keys, kid) => {
    for (let count = 0; count < 3; count++) {
      expect(await verifySessionToken(signed(keys, kid))).toMatchObject({
        ok: true,
        isPinOutdated: false,
      });
    }
    expect(jwksRequests()).toBe(0);
  },
);

test("a token signed with Clerk's new key is accepted, and the pinned keys are reported as outdated", async () => {
  publish(jwkOf(next, "ins_next"), jwkOf(current, "ins_current"));
  const verdicts = await Promise.all(
    Array.from({ length: 20 }, () => verifySessionToken(signed(next, "ins_next"))),
  );
  for (const verdict of verdicts) expect(verdict).toMatchObject({ ok: true, isPinOutdated: true });
  expect(jwksRequests()).toBe(1);
});

test("a token is accepted when Clerk's new key has the key id of the old key", async () => {
  expect(await verifySessionToken(signed(current, "ins_same"))).toMatchObject({ ok: true });
  publish(jwkOf(next, "ins_same"));
  expect(await verifySessionToken(signed(next, "ins_same"))).toMatchObject({
    ok: true,
    isPinOutdated: true,
  });
});

test("while Clerk's keys cannot be fetched, the keys that were fetched last are used for an hour", async () => {
  publish(jwkOf(next, "ins_next"));
  expect(await verifySessionToken(signed(next, "ins_next"))).toMatchObject({ ok: true });
  api.intercept = (response) => answerJson(response, 500, {});
  vi.setSystemTime(Date.now() + 30 * 60_000);
  expect(await verifySessionToken(signed(next, "ins_next"))).toMatchObject({ ok: true });
  vi.setSystemTime(Date.now() + 40 * 60_000);
  expect(await verifySessionToken(signed(next, "ins_next"))).toEqual(unavailable);
  minutes += 70;
});

test("a token signed with a key that Clerk withdrew is refused after five minutes", async () => {
  publish(jwkOf(next, "ins_next"));
  expect(await verifySessionToken(signed(next, "ins_next"))).toMatchObject({ ok: true });
  publish(jwkOf(current, "ins_current"));
  vi.setSystemTime(Date.now() + 5 * 60_000);
  expect(await verifySessionToken(signed(next, "ins_next"))).toEqual(invalid);
});

test("many tokens with unknown key ids cause few requests to Clerk, and a user's token with a rotated key is still accepted", async () => {
  for (let second = 0; second < 60; second++) {
    vi.setSystemTime(Date.now() + 1_000);
    for (let count = 0; count < 20; count++) {
      const verdict = await verifySessionToken(signed(unpublished, `ins_${second}_${count}`));
      expect(verdict.ok).toBe(false);
    }
  }
  expect(jwksRequests()).toBeLessThanOrEqual(9);
  publish(jwkOf(next, "ins_next"));
  expect(await verifySessionToken(signed(next, "ins_next"))).not.toEqual(invalid);
  vi.setSystemTime(Date.now() + 10_000);
  expect(await verifySessionToken(signed(next, "ins_next"))).toMatchObject({ ok: true });
});

test.each<[string, () => string]>([
  ["an expired time", () => signed(unpublished, "ins_x", { exp: Date.now() / 1000 - 60 })],
  ["a foreign issuer", () => signed(unpublished, "ins_x", { iss: "https://evil.test" })],
  ["no key id", () => signed(unpublished, undefined)],
  ["alg none", () => signToken(unpublished.privateKey, {}, { alg: "none", kid: "ins_x" })],
  ["HS256 and a pinned public key", () => signTokenSymmetrically(current.publicKey, {})],
  ["HS256 and a published public key", () => signTokenSymmetrically(next.publicKey, {})],
])("a token with %s is refused without a request to Clerk", async (_name, token) => {
  publish(jwkOf(next, "ins_test"));
  expect((await verifySessionToken(token())).ok).toBe(false);
  expect(jwksRequests()).toBe(0);
});

test("a token with RS256 in its header and an HMAC by the public key is refused", async () => {
  const [head, body] = signed(next, "ins_next").split(".");
  const mac = createHmac("sha256", next.publicKey).update(`${head}.${body}`).digest("base64url");
  publish(jwkOf(next, "ins_next"));
  expect(await verifySessionToken(`${head}.${body}.${mac}`)).toEqual(invalid);
});

test("a symmetric secret in Clerk's key set is not used as a key", async () => {
  publish({ kid: "ins_x", kty: "oct", k: "c2VjcmV0" }, jwkOf(current, "ins_current"));
  expect(await verifySessionToken(signed(unpublished, "ins_x"))).toEqual(invalid);
});

/** Sends a page request with this token through the middleware. Resolves to the status and the redirect. */
async function answerTo(token: string) {
  const { default: middleware } = await import("@/middleware");
  const headers = { authorization: `Bearer ${token}`, accept: "text/html" };
  const request = new NextRequest(`${APP_URL}/home`, { headers });
  const event = new NextFetchEvent({ request, page: "/home", context: undefined });
  const response = await middleware(request, event);
  return { status: response?.status, to: response?.headers.get("location") ?? null };
}

test.each([
  ["any pinned key", old, "ins_old"],
  ["Clerk's new key", next, "ins_next"],
])("the middleware accepts a token signed with %s", async (_name, keys, kid) => {
  publish(jwkOf(next, "ins_next"));
  expect(await answerTo(signed(keys, kid))).toEqual({ status: 200, to: null });
});

test("while Clerk's keys cannot be fetched, the middleware returns 503 instead of a redirect to sign-in", async () => {
  api.intercept = (response) => answerJson(response, 500, {});
  vi.setSystemTime(Date.now() + 70 * 60_000);
  minutes += 70;
  expect(await answerTo(signed(next, "ins_next"))).toEqual({ status: 503, to: null });
  expect(jwksRequests()).toBeLessThanOrEqual(3);
});

test("the middleware redirects tokens with unknown key ids to sign-in, with few requests to Clerk", async () => {
  for (let count = 0; count < 50; count++) {
    const { status, to } = await answerTo(signed(unpublished, `ins_${count}`));
    expect({ status, to }).toMatchObject({ status: 307, to: expect.stringContaining("/sign-in") });
  }
  expect(jwksRequests()).toBeLessThanOrEqual(3);
});
