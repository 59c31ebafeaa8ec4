// Tests a native app: the client that docs/api.md shows, against the production build and the local Clerk.

import { readFileSync } from "node:fs";
import {
  appUrl,
  backend,
  clerkUrl,
  expect,
  mailedCode,
  newPerson,
  test,
  wrongCode,
} from "./fixtures";
import { phoneClient } from "./phone-client";

const ADD = 'mutation { addToWishlist(countryId: "PT") { id } }';

/**
 * Signs in a phone client, and records its requests in `sent`. `intercept` returns the response that the client receives: the
 * real response, from `send`, or another one.
 */
async function signedInPhone(
  intercept: (url: string, send: () => Promise<Response>, nth: number) => Promise<Response>,
) {
  const { id } = await newPerson("Pia");
  const sent: string[] = [];
  const app = phoneClient({
    frontendApi: `${clerkUrl}/fapi`,
    api: `${appUrl}/api/graphql`,
    async send(input, init) {
      const url = String(input);
      const name = url.includes("/api/graphql")
        ? "graphql"
        : (/tokens|sign_ins/.exec(url)?.[0] ?? "");
      sent.push(name);
      const nth = sent.filter((each) => each === name).length;
      return intercept(name, () => fetch(input, init), nth);
    },
  });
  const { token } = await backend.signInTokens.createSignInToken({
    userId: id,
    expiresInSeconds: 600,
  });
  await app.signInWithTicket(token);
  return { app, id, sent };
}

test("a phone signs in by ticket, queries the API, and caches its token", async () => {
  const { app, id, sent } = await signedInPhone((_, send) => send());
  for (let time = 0; time < 2; time += 1) {
    expect((await app.graphql("{ viewer { id } }")).data.viewer.id).toBe(id);
  }
  expect(sent).toEqual(["sign_ins", "tokens", "graphql", "graphql"]);
});

test("a phone signs in by a mailed code, after a wrong one was refused", async () => {
  const { id, email } = await newPerson("Pia");
  const app = phoneClient({ frontendApi: `${clerkUrl}/fapi`, api: `${appUrl}/api/graphql` });
  const enterCode = await app.startEmailCode(email);
  const code = await mailedCode(email);
  await expect(enterCode(wrongCode(code))).rejects.toThrow(/incorrect/i);
  await enterCode(code);
  expect((await app.graphql("{ viewer { id } }")).data.viewer.id).toBe(id);
});

test("the phone client retries a token request that gets a 503 response", async () => {
  const { app, id, sent } = await signedInPhone(async (name, send, nth) =>
    name === "tokens" && nth < 3
      ? new Response(null, { status: 503, headers: { "retry-after": "0" } })
      : send(),
  );
  expect((await app.graphql("{ viewer { id } }")).data.viewer.id).toBe(id);
  expect(sent).toEqual(["sign_ins", "tokens", "tokens", "tokens", "graphql"]);
});

test("after a 401 the phone client fetches a new token, and the mutation is executed once", async ({
  sql,
}) => {
  const { app, id, sent } = await signedInPhone((name, send, nth) =>
    name === "graphql" && nth === 1
      ? fetch(`${appUrl}/api/graphql`, {
          method: "POST",
          headers: { authorization: "Bearer outdated", "content-type": "application/json" },
          body: JSON.stringify({ query: ADD }),
        })
      : send(),
  );
  expect((await app.graphql(ADD)).errors).toBeUndefined();
  expect(sent).toEqual(["sign_ins", "tokens", "graphql", "tokens", "graphql"]);
  const rows = await sql("SELECT country_id FROM wishlist_items WHERE user_id = $1", [id]);
  expect(rows).toEqual([{ country_id: "PT" }]);
});

test("the phone client does not repeat a mutation whose response is lost", async ({ sql }) => {
  const { app, id, sent } = await signedInPhone(async (name, send) => {
    const response = await send();
    if (name === "graphql") throw new TypeError("fetch failed");
    return response;
  });
  await expect(app.graphql(ADD)).rejects.toThrow("fetch failed");
  expect(sent.filter((name) => name === "graphql")).toHaveLength(1);
  const rows = await sql("SELECT country_id FROM wishlist_items WHERE user_id = $1", [id]);
  expect(rows).toHaveLength(1);
});

test("docs/api.md contains the source of e2e/phone-client.ts", () => {
  const source = readFileSync("e2e/phone-client.ts", "utf8");
  expect(readFileSync("docs/api.md", "utf8")).toContain(source);
});
