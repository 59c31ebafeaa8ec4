import { createHmac, generateKeyPairSync, sign } from "node:crypto";
import type { Page } from "@playwright/test";
import { expect, newPerson, signInByLink, test, tokenOf } from "./fixtures";

const query = "{ viewer { id } }";

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

/** Returns forged tokens: changed copies of a stolen valid token, and a token that another instance signed. */
function forgeries(token: string): Record<string, string> {
  const [head = "", body = "", signature = ""] = token.split(".");
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(body, "base64url").toString());
  const asAnother = encode({ ...claims, sub: "user_another" });
  const hs256 = `${encode({ alg: "HS256", typ: "JWT" })}.${body}`;
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const foreign = sign("RSA-SHA256", Buffer.from(`${head}.${body}`), privateKey);
  const pem = publicKey.export({ type: "spki", format: "pem" });
  return {
    "no algorithm": `${encode({ alg: "none", typ: "JWT" })}.${asAnother}.`,
    "the public key as HMAC secret": `${hs256}.${createHmac("sha256", pem).update(hs256).digest("base64url")}`,
    "another's claims": `${head}.${asAnother}.${signature}`,
    "half a signature": `${head}.${body}.${signature.slice(0, 40)}`,
    "another instance's key": `${head}.${body}.${foreign.toString("base64url")}`,
    "no token at all": "garbage",
  };
}

async function signedIn(page: Page): Promise<string> {
  const { id } = await newPerson("Mallory");
  await signInByLink(page, id);
  await page.waitForFunction("window.Clerk?.session");
  return tokenOf(page);
}

test("every forged session token is refused, and the stolen valid token is accepted", async ({
  page,
  request,
}) => {
  const token = await signedIn(page);
  const ask = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}`, cookie: "" };
    const response = await request.post("/api/graphql", { headers, data: { query } });
    return { status: response.status(), code: (await response.json()).errors?.[0].extensions.code };
  };
  expect(await ask(token)).toEqual({ status: 200, code: undefined });
  for (const [name, forged] of Object.entries(forgeries(token))) {
    expect.soft(await ask(forged), name).toEqual({ status: 401, code: "UNAUTHENTICATED" });
  }
});

const aliases = Array.from({ length: 1_000 }, (_, n) => `a${n}: viewer { id }`).join(" ");
const nested = (depth: number): string =>
  depth === 0
    ? "id"
    : `memberships { organization { members { edges { node { user { ${nested(depth - 1)} } } } } } }`;
const doubling = Array.from(
  { length: 20 },
  (_, n) => `fragment F${n} on Viewer { ${n === 19 ? "id" : `...F${n + 1} ...F${n + 1}`} }`,
).join(" ");

const attacks: [name: string, status: number, data: string, contentType?: string][] = [
  ["1,000 aliases", 400, JSON.stringify({ query: `{ ${aliases} }` })],
  ["depth 50", 400, JSON.stringify({ query: `{ viewer { ${nested(8)} } }` })],
  ["fragments that double", 400, JSON.stringify({ query: `{ viewer { ...F0 } } ${doubling}` })],
  [
    "circular fragments",
    400,
    JSON.stringify({ query: "{ viewer { ...A } } fragment A on Viewer { ...A }" }),
  ],
  ["many tokens", 400, JSON.stringify({ query: `{ ${"x ".repeat(60_000)} }` })],
  ["a batch", 400, JSON.stringify([{ query }, { query }])],
  ["the schema", 400, JSON.stringify({ query: "{ __schema { types { name } } }" })],
  ["a truncated body", 400, '{"query": "{ viewer'],
  ["an empty body", 400, ""],
  ["a form", 400, "query=%7B__typename%7D", "application/x-www-form-urlencoded"],
  ["plain text", 400, JSON.stringify({ query }), "text/plain"],
  ["10 MB", 413, JSON.stringify({ query: " ".repeat(10_000_000) })],
];

test("requests meant to exhaust the API are refused, with no detail in the response", async ({
  page,
  request,
}) => {
  const authorization = `Bearer ${await signedIn(page)}`;
  for (const [name, status, data, contentType = "application/json"] of attacks) {
    const headers = { authorization, "content-type": contentType };
    const response = await request.post("/api/graphql", { headers, data: Buffer.from(data) });
    expect.soft(response.status(), name).toBe(status);
    expect
      .soft(await response.text(), name)
      .not.toMatch(/Did you mean|node_modules|SELECT |Prisma/);
  }
});
