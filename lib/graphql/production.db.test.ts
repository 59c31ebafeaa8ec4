import { expect, test, vi } from "vitest";
import { GET as EXPLORER } from "@/app/api/graphql/explorer/[[...file]]/route";
import { GET, POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";

// Before anything reads the environment.
vi.stubEnv("NODE_ENV", "production");
// Clerk is out of reach: nothing listens there.
vi.stubEnv("CLERK_API_URL", "http://127.0.0.1:1");

const url = "https://rollcall.test/api/graphql";
const sub = clerkId("user");
await mirrorUser(sub);

const request = (query: string) =>
  new Request(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream, */*",
      authorization: `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", { sub })}`,
    },
    body: JSON.stringify({ query }),
  });

test("with a pinned key Clerk need not be in reach", async () => {
  const { status } = await POST(request("{ viewer { id } }"));
  expect(status).toBe(200);
});

test.each([
  ["the schema", POST, "{ __schema { types { name } } }"],
  ["a type", POST, '{ __type(name: "User") { name } }'],
  ["the schema, by a stream", STREAM, "subscription { __schema { types { name } } }"],
])("in production nobody is told %s", async (_name, handler, query) => {
  const response = await handler(request(query));
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain("ViewerChanged");
});

test.each([
  ["a query", POST, "{ viewer { emial } }", "email"],
  ["a stream", STREAM, "subscription { viewerChangd { refetch } }", "viewerChanged"],
])("in production no name is suggested to %s", async (_name, handler, query, name) => {
  const response = await handler(request(query));
  expect(response.status).toBe(400);
  const text = await response.text();
  expect(text).not.toContain("Did you mean");
  expect(text).not.toContain(name);
});

test("in production there is no explorer, and nobody is led to one", async () => {
  for (const path of ["", "/", "/main.js", "/index.html"]) {
    expect((await EXPLORER(new Request(`${url}/explorer${path}`))).status).toBe(404);
  }
  const asPage = await GET(new Request(url, { headers: { accept: "text/html" } }));
  expect(asPage.status).toBe(400);
});
