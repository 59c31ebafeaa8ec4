/** Tests every API route: which methods it allows, and which request bodies it refuses. */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";

const allowed: Record<string, string> = {
  "account/archive": "GET, HEAD",
  "console/export": "GET, HEAD, POST",
  actions: "POST",
  cron: "GET, HEAD",
  graphql: "GET, HEAD, POST",
  "graphql/explorer/[[...file]]": "GET, HEAD",
  "graphql/stream": "POST",
  health: "GET, HEAD",
  metrics: "GET, HEAD",
  ready: "GET, HEAD",
  "webhooks/clerk": "POST",
};

const methods = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];
const folder = fileURLToPath(new URL("../app/api", import.meta.url));
const found = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith("/route.ts"))
  .map((file) => file.replace("/route.ts", ""));

async function handlersOf(route: string): Promise<Map<string, (request: Request) => Response>> {
  const module: object = await import(`${folder}/${route}/route.ts`);
  return new Map(Object.entries(module).filter(([name]) => methods.includes(name)));
}

async function send(route: string, method: string, init: RequestInit = {}): Promise<Response> {
  const handler = (await handlersOf(route)).get(method);
  const request = new Request(`https://rollcall.test/api/${route}`, { method, ...init });
  if (!handler) throw new Error(`${route} leaves ${method} to Next`);
  return handler(request);
}

test("`allowed` in this file lists every API route", () => {
  expect(found.sort()).toEqual(["[[...unknown]]", ...Object.keys(allowed)].sort());
});

describe.each(Object.entries(allowed))("/api/%s", (route, allow) => {
  test(`/api/${route} answers every method but ${allow} with 405, which names them`, async () => {
    expect([...(await handlersOf(route)).keys()].sort()).toEqual(methods);
    for (const method of methods) {
      if (method === "OPTIONS" || allow.split(", ").includes(method)) continue;
      const response = await send(route, method);
      expect([method, response.status, response.headers.get("allow")]).toEqual([
        method,
        405,
        allow,
      ]);
      expect(await response.json()).toEqual({ error: expect.stringMatching(/^Only (GET|POST)/) });
    }
  });

  test(`/api/${route} answers OPTIONS with ${allow}, and allows no other origin`, async () => {
    const origin = { origin: "https://elsewhere.test", "access-control-request-method": "POST" };
    const response = await send(route, "OPTIONS", { headers: origin });
    expect([response.status, response.headers.get("allow")]).toEqual([204, allow]);
    expect(response.headers.get("access-control-allow-origin")).toBeNull();
  });
});

const posted = Object.keys(allowed).filter((route) => allowed[route]?.includes("POST"));
const json = { "content-type": "application/json", accept: "text/event-stream" };

/** Resolves to the message of an error response: webhooks and actions send `error`, GraphQL sends `errors`. */
async function messageOf(response: Response): Promise<string> {
  const { error, errors } = await response.json();
  return error ?? errors[0].message;
}

describe.each(posted)("a POST to /api/%s", (route) => {
  test.each(["gzip", "br", "deflate", "zstd", "GZIP, identity"])(
    `/api/${route} refuses a body with the content encoding %s with 415, and says why`,
    async (encoding) => {
      const headers = { ...json, "content-encoding": encoding };
      const response = await send(route, "POST", { headers, body: gzipSync("{}") });
      expect(response.status).toBe(415);
      expect(response.headers.get("accept-encoding")).toBe("identity");
      expect(await messageOf(response)).toContain("without a Content-Encoding");
    },
  );

  test.each<[string, Record<string, string>]>([
    ["a length", { "content-length": "2097153" }],
    ["no length", {}],
  ])(`/api/${route} refuses a body over 2 MiB, sent with %s, with 413`, async (_name, length) => {
    const body = new Uint8Array(2 * 1024 * 1024 + 1);
    const response = await send(route, "POST", { headers: { ...json, ...length }, body });
    expect(response.status).toBe(413);
    expect(await messageOf(response)).toMatch(/larger than \d+ bytes/);
    expect(response.headers.get("retry-after")).toBeNull();
  });
});

test.each(methods)("%s to an unknown API path gets 404 with a JSON body", async (method) => {
  const response = await send("[[...unknown]]", method);
  expect([response.status, await response.json()]).toEqual([404, { error: "Not found." }]);
});
