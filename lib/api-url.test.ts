import { once } from "node:events";
import { createServer, request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { canonicalApiUrl, prepareRequests } from "./api-url";

/** Responds with the URL and the header `rsc` that a listener sees. */
const server = createServer(({ url, headers }, response) =>
  response.end(JSON.stringify([url, headers.rsc ?? null])),
);
let port = 0;
beforeAll(async () => {
  prepareRequests();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = z.object({ port: z.number() }).parse(server.address()).port;
});
afterAll(() => server.close());

async function seenBy(method: string, path: string): Promise<{ status: number; body: string }> {
  const sent = request({ host: "127.0.0.1", port, method, path, headers: { rsc: "1" } }).end();
  const [response] = await once(sent, "response");
  let body = "";
  for await (const chunk of response) body += chunk;
  return { status: response.statusCode, body };
}

test.each([
  ["//api//graphql/?a=1", "/api/graphql?a=1", null],
  ["/API\\graphql", "/api/graphql", null],
  ["/api/%graphql", "/api/%25graphql", null],
  ["/api?a", "/api?a", null],
  ["/admin/users", "/admin/users", "1"],
  ["//admin", "//admin", "1"],
])(
  "a server sees the request to %s as %s, and a router's header only for pages",
  async (path, url, rsc) => {
    expect(await seenBy("GET", path)).toEqual({ status: 200, body: JSON.stringify([url, rsc]) });
  },
);

test("a server answers TRACE with 405 and without a body", async () => {
  expect(await seenBy("TRACE", "/api/health")).toEqual({ status: 405, body: "" });
});

test.each([
  ["/api/webhooks/clerk", "/api/webhooks/clerk"],
  ["/api/webhooks/clerk/", "/api/webhooks/clerk"],
  ["//api/webhooks/clerk", "/api/webhooks/clerk"],
  ["/api//webhooks/clerk", "/api/webhooks/clerk"],
  ["/api/webhooks//clerk//?a=//b/", "/api/webhooks/clerk?a=//b/"],
  ["///api///graphql///stream", "/api/graphql/stream"],
  ["//api", "/api"],
  ["/api/%webhooks?a=%", "/api/%25webhooks?a=%"],
  ["/api/health/%E0%A4%A", "/api/health/%25E0%25A4%25A"],
  ["/api/health/%C3%A4", "/api/health/%C3%A4"],
  ["/API/webhooks/clerk", "/api/webhooks/clerk"],
  ["/Api//graphql/?a=B", "/api/graphql?a=B"],
  ["/api\\webhooks\\clerk\\", "/api/webhooks/clerk"],
  ["http://rollcall.test/api/webhooks/clerk/?a=1", "/api/webhooks/clerk?a=1"],
  ["HTTPS://rollcall.test:443//api/ready", "/api/ready"],
  ["http://rollcall.test/home", "http://rollcall.test/home"],
  ["/apiary/", "/apiary/"],
  ["//evil.test/api/graphql", "//evil.test/api/graphql"],
  ["/sign-in//", "/sign-in//"],
  ["/?next=//api/x", "/?next=//api/x"],
  ["/api%2F/webhooks", "/api%2F/webhooks"],
  ["*", "*"],
])("canonicalApiUrl rewrites %s to %s", (url, served) => {
  expect(canonicalApiUrl(url)).toBe(served);
});
