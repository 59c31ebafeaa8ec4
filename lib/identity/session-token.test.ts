import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { APP_URL, makeKeys, testEnvironment } from "@/dev/testing/environment";
import { signToken, signTokenSymmetrically } from "@/dev/testing/sign";
import { verifySessionToken } from "./session-token";

const { privateKey, publicKey } = makeKeys();
const now = () => Math.floor(Date.now() / 1000);

/** Every way to be wrong, and what is said of it; judged the same with a pinned key and with Clerk's own. */
const refused: [string, () => string, string][] = [
  ["not a token", () => "abc", "invalid"],
  ["four parts", () => `${signToken(privateKey, {})}.x`, "invalid"],
  ["padding in a part", () => signToken(privateKey, {}).replace(".", "=."), "invalid"],
  ["a payload that is not JSON", () => "e30.e30x.e30", "invalid"],
  ["alg none", () => signToken(privateKey, {}, { alg: "none" }), "invalid"],
  ["alg HS256", () => signToken(privateKey, {}, { alg: "HS256" }), "invalid"],
  ["HS256, keyed with the public key", () => signTokenSymmetrically(publicKey, {}), "invalid"],
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
  ["nbf ahead", () => signToken(privateKey, { nbf: now() + 7 }), "invalid"],
  ["iat ahead", () => signToken(privateKey, { iat: now() + 7 }), "invalid"],
  ["a pending session", () => signToken(privateKey, { sts: "pending" }), "invalid"],
  ["no session", () => signToken(privateKey, { sid: undefined }), "invalid"],
  ["a machine as subject", () => signToken(privateKey, { sub: "mch_1" }), "invalid"],
  ["expired 6 s ago", () => signToken(privateKey, { exp: now() - 6 }), "expired"],
  [
    "expired, for another origin",
    () => signToken(privateKey, { exp: now() - 6, iss: "https://evil.test" }),
    "invalid",
  ],
];

const accepted: [string, () => string, object][] = [
  ["expired 3 s ago", () => signToken(privateKey, { exp: now() - 3 }), { userId: "user_test" }],
  ["nbf and iat 4 s ahead", () => signToken(privateKey, { nbf: now() + 4, iat: now() + 4 }), {}],
  ["no azp, as a native app's", () => signToken(privateKey, { azp: undefined }), {}],
  ["no sts, as of old", () => signToken(privateKey, { sts: undefined }), {}],
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
  api = await startBackendApi([{ ...jwk, kid: "ins_test", alg: "RS256", use: "sig" }]);
  const environment = testEnvironment({ privateKey, publicKey }, "postgresql://127.0.0.1/none");
  Object.assign(process.env, environment, { CLERK_API_URL: api.url });
});
afterAll(() => api.close());

describe("with a pinned key, nobody is asked", () => {
  test.each(refused)("refused: %s", async (_name, token, reason) => {
    expect(await verifySessionToken(token())).toEqual({ ok: false, reason });
  });
  test.each(accepted)("accepted: %s", async (_name, token, claims) => {
    expect(await verifySessionToken(token())).toMatchObject({ ok: true, claims });
    expect(api.asked).toEqual([]);
  });
});
