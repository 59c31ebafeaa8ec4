/** Tests that middleware, pages, API, streams, downloads and WebSockets accept the same session tokens, with CLERK_JWT_KEY and without. */
import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { type BackendApi, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { makeKeys } from "@/dev/testing/environment";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorMembership, mirrorOrganization, mirrorUser } from "@/dev/testing/mirror";
import { signToken, signTokenSymmetrically } from "@/dev/testing/sign";

const sub = clerkId("user");
const organization = clerkId("org");
const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
const publicKey = createPublicKey(privateKey);
const publicPem = String(publicKey.export({ type: "spki", format: "pem" }));
const sign = (
  claims: Record<string, unknown>,
  key = privateKey,
  header: Record<string, unknown> = {},
) => signToken(key, { sub, sid: clerkId("sess"), ...claims }, header);
const withHeader = (header: Record<string, unknown>) => sign({}, privateKey, header);
const now = () => Math.floor(Date.now() / 1000);

let api: BackendApi;

beforeAll(async () => {
  await listening();
  await mirrorUser(sub);
  await mirrorOrganization(organization);
  await mirrorMembership(clerkId("orgmem"), sub, organization);
  await caughtUp();
  api = await startBackendApi();
  const jwk = publicKey.export({ format: "jwk" });
  api.jwks = [{ ...jwk, kid: "ins_test", alg: "RS256", use: "sig" }];
});
afterAll(() => api.close());

const tokens: [name: string, token: () => string, isGood: boolean][] = [
  ["for this app", () => sign({}), true],
  ["without azp, as a native app's", () => sign({ azp: undefined }), true],
  [
    "of version 1 with an organization",
    () => sign({ v: undefined, org_id: organization, org_role: "org:member" }),
    true,
  ],
  [
    "with null for what it does not have",
    () => sign({ azp: null, o: null, org_id: null, act: null, nbf: null }),
    true,
  ],
  ["of a clock that is 4 s ahead", () => sign({ iat: now() + 4, nbf: now() + 4 }), true],
  ["of a clock that is 30 s ahead", () => sign({ iat: now() + 30, nbf: now() + 30 }), false],
  ["that expired 3 s ago", () => sign({ iat: now() - 63, exp: now() - 3 }), true],
  ["of this host without its scheme", () => sign({ azp: "rollcall.test" }), false],
  ["of another port of this host", () => sign({ azp: "https://rollcall.test:8443" }), false],
  ["of a user id that is none", () => sign({ sub: "org_1" }), false],
  ["without a session", () => sign({ sid: undefined }), false],
  ["of another origin", () => sign({ azp: "https://evil.test" }), false],
  ["that expired a minute ago", () => sign({ exp: now() - 60, iat: now() - 120 }), false],
  ["of a pending session", () => sign({ sts: "pending" }), false],
  ["of another issuer", () => sign({ iss: "https://evil.test" }), false],
  ["that becomes valid in an hour", () => sign({ nbf: now() + 3_600 }), false],
  ["issued in an hour", () => sign({ iat: now() + 3_600, nbf: now() - 10 }), false],
  ["with a list of authorized parties", () => sign({ azp: ["https://rollcall.test"] }), false],
  ["with an empty azp", () => sign({ azp: "" }), false],
  ["with an audience, as from a JWT template", () => sign({ aud: "https://evil.test" }), true],
  ["of a later version", () => sign({ v: 3 }), true],
  ["with its expiry as text", () => sign({ exp: String(now() + 60) }), false],
  ["with its expiry in milliseconds", () => sign({ exp: (now() + 60) * 1_000 }), true],
  ["without times of issue and start", () => sign({ iat: undefined, nbf: undefined }), true],
  ["with an organization that is no object", () => sign({ o: organization }), false],
  ["with an unknown session status", () => sign({ sts: "paused" }), false],
  ["of another type", () => withHeader({ typ: "at+jwt" }), false],
  ["that names no algorithm", () => withHeader({ alg: "none" }), false],
  [
    "signed symmetrically with the public key",
    () => signTokenSymmetrically(publicPem, { sub, sid: clerkId("sess") }),
    false,
  ],
  ["signed with another key", () => sign({}, makeKeys().privateKey), false],
];

const foreign = makeKeys();
const underForeignKey: typeof tokens = [
  ["for this app", () => sign({}), true],
  [
    "of the other instance",
    () => sign({ iss: "https://other.clerk.test" }, foreign.privateKey),
    false,
  ],
  ["signed with another key", () => sign({}, makeKeys().privateKey), false],
];

describe.each([
  ["with CLERK_JWT_KEY", publicPem, tokens],
  ["without CLERK_JWT_KEY", "", tokens],
  [
    "with the key of another instance before and after the right one in CLERK_JWT_KEY",
    `${foreign.publicKey}${publicPem}${makeKeys().publicKey}`,
    underForeignKey,
  ],
])("%s", (_name, jwtKey, sentTokens) => {
  let entrances: Record<string, (token: string) => Promise<boolean>> = {};
  let close: () => unknown = () => undefined;

  // Modules cache the environment, so each case imports them again.
  beforeAll(async () => {
    vi.resetModules();
    Object.assign(process.env, { CLERK_JWT_KEY: jwtKey, CLERK_API_URL: api.url });
    const { startWebSocketServer } = await import("../graphql/transport/websocket");
    const { tokenEntrances } = await import("@/dev/testing/token-entrances");
    const { listening: listeningAgain } = await import("@/dev/testing/listening");
    await listeningAgain();
    const server = await startWebSocketServer(0);
    close = () => server.close();
    entrances = tokenEntrances(server.port);
  });
  afterAll(() => close());

  test.each(sentTokens)(
    "a token %s is accepted by all of middleware, page, API, stream, downloads and WebSocket, or by none",
    async (_token, token, isGood) => {
      const verdicts: Record<string, boolean> = {};
      for (const [name, accepts] of Object.entries(entrances))
        verdicts[name] = await accepts(token());
      expect(verdicts).toEqual({
        middleware: isGood,
        page: isGood,
        API: isGood,
        stream: isGood,
        archive: isGood,
        export: isGood,
        socket: isGood,
      });
    },
  );

  test("the organization in a version 1 token becomes the active organization", async () => {
    const { findViewer } = await import("./viewer");
    const token = sign({ v: undefined, org_id: organization, org_role: "org:member" });
    const result = await findViewer(new Headers({ authorization: `Bearer ${token}` }));
    expect(result.viewer?.activeMembership?.organizationId).toBe(organization);
  });
});
