import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { APP_URL, makeKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken, signTokenSymmetrically } from "@/dev/testing/sign";
import { verifySessionToken } from "./session-token";

const { privateKey, publicKey } = makeKeys();
const now = () => Math.floor(Date.now() / 1000);

/** Invalid tokens: what is wrong with each, and the reason for its refusal. */
const refused: [string, () => string, string][] = [
  ["one part only", () => "abc", "invalid"],
  ["four parts", () => `${signToken(privateKey, {})}.x`, "invalid"],
  ["padding in a part", () => signToken(privateKey, {}).replace(".", "=."), "invalid"],
  ["a payload that is not JSON", () => "e30.e30x.e30", "invalid"],
  ["alg none", () => signToken(privateKey, {}, { alg: "none" }), "invalid"],
  ["alg HS256", () => signToken(privateKey, {}, { alg: "HS256" }), "invalid"],
  ["HS256 signed with the public key", () => signTokenSymmetrically(publicKey, {}), "invalid"],
  ["alg RS512", () => signToken(privateKey, {}, { alg: "RS512" }), "invalid"],
  ["another typ", () => signToken(privateKey, {}, { typ: "at+jwt" }), "invalid"],
  ["no typ", () => signToken(privateKey, {}, { typ: undefined }), "invalid"],
  ["a critical extension", () => signToken(privateKey, {}, { crit: ["exp"] }), "invalid"],
  ["another key", () => signToken(makeKeys().privateKey, {}), "invalid"],
  ["another azp", () => signToken(privateKey, { azp: `${APP_URL}.evil.test` }), "invalid"],
  ["a foreign issuer", () => signToken(privateKey, { iss: "https://evil.test" }), "invalid"],
  ["no issuer", () => signToken(privateKey, { iss: undefined }), "invalid"],
  ["no exp", () => signToken(privateKey, { exp: undefined }), "invalid"],
  ["exp as text", () => signToken(privateKey, { exp: "9999999999" }), "invalid"],
  ["nbf in the future", () => signToken(privateKey, { nbf: now() + 7 }), "invalid"],
  ["iat in the future", () => signToken(privateKey, { iat: now() + 7 }), "invalid"],
  ["a pending session", () => signToken(privateKey, { sts: "pending" }), "invalid"],
  ["no session", () => signToken(privateKey, { sid: undefined }), "invalid"],
  ["a machine as its subject", () => signToken(privateKey, { sub: "mch_1" }), "invalid"],
  ["expiry 6 s ago", () => signToken(privateKey, { exp: now() - 6 }), "expired"],
  [
    "expiry 6 s ago and a foreign issuer",
    () => signToken(privateKey, { exp: now() - 6, iss: "https://evil.test" }),
    "invalid",
  ],
];

const accepted: [string, () => string, object][] = [
  ["expiry 3 s ago", () => signToken(privateKey, { exp: now() - 3 }), { userId: "user_test" }],
  [
    "nbf and iat 4 s in the future",
    () => signToken(privateKey, { nbf: now() + 4, iat: now() + 4 }),
    {},
  ],
  ["no azp, as from a native app", () => signToken(privateKey, { azp: undefined }), {}],
  ["no sts, as in older tokens", () => signToken(privateKey, { sts: undefined }), {}],
  [
    "an organization",
    () => signToken(privateKey, { o: { id: "org_1" } }),
    { organizationId: "org_1" },
  ],
  [
    "an organization in a token of version 1",
    () => signToken(privateKey, { v: undefined, org_id: "org_1", org_role: "org:admin" }),
    { organizationId: "org_1" },
  ],
  [
    "an actor",
    () => signToken(privateKey, { act: { sub: "user_2" } }),
    { impersonatorId: "user_2" },
  ],
];

let api: BackendApi;
beforeAll(async () => {
  const jwk = createPublicKey(publicKey).export({ format: "jwk" });
  api = await startBackendApi();
  api.jwks = [{ ...jwk, kid: "ins_test", alg: "RS256", use: "sig" }];
  const environment = testEnvironment({ privateKey, publicKey }, "postgresql://127.0.0.1/none");
  Object.assign(process.env, environment, { CLERK_API_URL: api.url });
});
afterAll(() => api.close());

describe("with CLERK_JWT_KEY", () => {
  test.each(refused)(
    "with CLERK_JWT_KEY, a token with %s is refused with its reason",
    async (_name, token, reason) => {
      expect(await verifySessionToken(token())).toEqual({ ok: false, reason });
    },
  );
  test.each(accepted)(
    "with CLERK_JWT_KEY, a token with %s is accepted without a call to Clerk",
    async (_name, token, claims) => {
      api.requests.length = 0;
      expect(await verifySessionToken(token())).toMatchObject({ ok: true, claims });
      expect(api.requests).toEqual([]);
    },
  );
});
