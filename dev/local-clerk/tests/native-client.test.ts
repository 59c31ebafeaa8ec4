// A native app: HTTP without cookies and without an origin. It sends the token of its client as a header.

import { expect } from "vitest";
import { decodeUnverified } from "../testing/claims";
import { kofi } from "../testing/seeded";
import type { Site } from "../testing/site";
import { test } from "../testing/test";

/** Returns a native app, which sends forms. It keeps the client token of each response for its next request. */
function nativeApp(site: Site) {
  let token = "";
  return {
    token: () => token,
    async post(path: string, form: Record<string, string> = {}, headers = {}) {
      const response = await fetch(`${site.clerk.url}/fapi/v1${path}?_is_native=1`, {
        method: "POST",
        headers: { ...(token && { authorization: token }), ...headers },
        body: new URLSearchParams(form),
      });
      token = response.headers.get("authorization") ?? token;
      return { response, body: await response.json() };
    },
  };
}

test("a native app signs in by code with the token of its client, and its session tokens have no azp claim", async ({
  site,
}) => {
  const app = nativeApp(site);
  const signIn = await app.post("/client/sign_ins", { identifier: kofi.email });
  expect(signIn.response.headers.getSetCookie()).toEqual([]);
  const path = `/client/sign_ins/${signIn.body.response.id}`;
  const [factor] = signIn.body.response.supported_first_factors.filter(
    ({ strategy }: { strategy: string }) => strategy === "email_code",
  );
  const strategy = { strategy: "email_code" };
  await app.post(`${path}/prepare_first_factor`, {
    ...strategy,
    email_address_id: factor.email_address_id,
  });
  const code = await site.newestCode(kofi.email);
  const done = await app.post(`${path}/attempt_first_factor`, { ...strategy, code });
  expect(done.body.response.status).toBe("complete");
  const session = done.body.response.created_session_id;
  const { jwt } = (await app.post(`/client/sessions/${session}/tokens`)).body;
  expect(decodeUnverified(jwt)).toMatchObject({ sub: kofi.id, sid: session });
  expect(decodeUnverified(jwt)).not.toHaveProperty("azp");
});

test("a native app's request with another client's token, a foreign origin or no token is refused", async ({
  site,
}) => {
  const app = nativeApp(site);
  const ticket = (
    await site.backend.signInTokens.createSignInToken({
      userId: kofi.id,
      expiresInSeconds: 60,
    })
  ).token;
  const done = await app.post("/client/sign_ins", { strategy: "ticket", ticket });
  const tokens = `/client/sessions/${done.body.response.created_session_id}/tokens`;
  expect((await app.post(tokens)).response.status).toBe(200);
  expect((await nativeApp(site).post(tokens)).response.status).toBe(401);
  const foreign = await app.post(tokens, {}, { origin: "https://evil.test" });
  expect(foreign.body.errors[0].code).toBe("origin_invalid");
  const other = nativeApp(site);
  await other.post("/client");
  expect((await other.post(tokens)).response.status).toBe(404);
});
