import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { answerJson, type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken } from "@/dev/testing/sign";
import { verifySessionToken } from "./session-token";

/** The key pair of the stub of Clerk. CLERK_JWT_KEY is empty in this file, so the public key is fetched from the stub. */
const { privateKey, publicKey } = makeKeys();

let api: BackendApi;
beforeAll(async () => {
  const jwk = createPublicKey(publicKey).export({ format: "jwk" });
  api = await startBackendApi();
  api.jwks = [{ ...jwk, kid: "ins_test", alg: "RS256", use: "sig" }];
  const environment = testEnvironment({ privateKey, publicKey }, "postgresql://127.0.0.1/none");
  Object.assign(process.env, environment, { CLERK_API_URL: api.url, CLERK_JWT_KEY: "" });
});
afterAll(() => api.close());

test("when Clerk's keys cannot be fetched, a token is refused with the reason unavailable", async () => {
  api.intercept = (response) => answerJson(response, 500, {});
  const token = signToken(privateKey, {});
  expect(await verifySessionToken(token)).toEqual({ ok: false, reason: "unavailable" });
  api.intercept = null;
}, 20_000);

test("Clerk's keys are fetched once for many tokens", async () => {
  api.requests.length = 0;
  for (let index = 0; index < 20; index++) {
    expect(await verifySessionToken(signToken(privateKey, {}))).toMatchObject({ ok: true });
  }
  expect(api.requests).toHaveLength(1);
});

test("a token without azp, as from a native app, is accepted", async () => {
  const token = signToken(privateKey, { azp: undefined });
  expect(await verifySessionToken(token)).toMatchObject({ ok: true });
});

test.each<[string, () => string]>([
  ["another key", () => signToken(makeKeys().privateKey, {})],
  ["a foreign issuer", () => signToken(privateKey, { iss: "https://evil.test" })],
  ["a pending session", () => signToken(privateKey, { sts: "pending" })],
  ["another typ", () => signToken(privateKey, {}, { typ: "at+jwt" })],
  ["another azp", () => signToken(privateKey, { azp: "https://evil.test" })],
])("without CLERK_JWT_KEY, a token with %s is refused as invalid", async (_name, token) => {
  expect(await verifySessionToken(token())).toEqual({ ok: false, reason: "invalid" });
});

test("an expired token is refused with the reason expired", async () => {
  const token = signToken(privateKey, { exp: Date.now() / 1000 - 6 });
  expect(await verifySessionToken(token)).toEqual({ ok: false, reason: "expired" });
});
