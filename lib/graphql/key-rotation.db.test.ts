import { createPublicKey } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { answerJson, startBackendApi } from "@/dev/testing/backend-api";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { makeKeys } from "@/dev/testing/environment";
import { caughtUp, listening } from "@/dev/testing/listening";
import { mirrorAdmin } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";

const rotated = makeKeys();
// The variable is set before the first call of env(), which caches the environment.
const api = await startBackendApi();
process.env.CLERK_API_URL = api.url;

const admin = clerkId("user");
beforeAll(async () => {
  await listening();
  await mirrorAdmin(admin);
  await caughtUp();
});
beforeEach(() => {
  api.intercept = null;
});
afterAll(() => api.close());

const tokenOf = (privateKey: string) => signToken(privateKey, { sub: admin }, { kid: "ins_next" });

async function ask(handler: (request: Request) => Promise<Response>, token: string, query: string) {
  const request = new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query }),
  });
  const response = await handler(request);
  return { status: response.status, body: await response.text() };
}

const health = "{ syncState { outdatedJwtKeyAt } }";

test.each([
  ["a query", POST, health],
  ["a stream", STREAM, "subscription { viewerChanged { refetch } }"],
])(
  "while Clerk's keys cannot be fetched, %s whose token is signed with a new key returns 503",
  async (_name, handler, query) => {
    api.intercept = (response) => answerJson(response, 500, {});
    const { status, body } = await ask(handler, tokenOf(rotated.privateKey), query);
    expect(status).toBe(503);
    expect(body).toContain("UNAVAILABLE");
  },
);

test("after a rotation, users stay signed in and Health reports the outdated CLERK_JWT_KEY", async () => {
  const pinned = signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub: admin }, { kid: "ins_old" });
  const before = await ask(POST, pinned, health);
  expect(JSON.parse(before.body)).toEqual({ data: { syncState: { outdatedJwtKeyAt: null } } });
  const jwk = createPublicKey(rotated.publicKey).export({ format: "jwk" });
  api.jwks = [{ ...jwk, kid: "ins_next", alg: "RS256", use: "sig" }];
  await vi.waitFor(async () => {
    const { status, body } = await ask(POST, tokenOf(rotated.privateKey), health);
    expect(status).toBe(200);
    expect(JSON.parse(body).data.syncState.outdatedJwtKeyAt).toMatch(/^20\d\d-/);
  });
});
