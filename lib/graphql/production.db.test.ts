import { expect, test, vi } from "vitest";
import { GET as EXPLORER } from "@/app/api/graphql/explorer/[[...file]]/route";
import { GET, POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { clerkId } from "@/dev/testing/clerk-payloads";
import { mirrorUser } from "@/dev/testing/mirror";
import { signToken } from "@/dev/testing/sign";

// The variables are set before the first call of env(), which caches the environment.
vi.stubEnv("NODE_ENV", "production");
// No server listens on this port: Clerk cannot be reached.
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

test("with CLERK_JWT_KEY, a request returns 200 while Clerk cannot be reached", async () => {
  const { status } = await POST(request("{ viewer { id } }"));
  expect(status).toBe(200);
});

test.each([
  ["the schema", POST, "{ __schema { types { name } } }"],
  ["a type", POST, '{ __type(name: "User") { name } }'],
  ["the schema in a subscription", STREAM, "subscription { __schema { types { name } } }"],
])("in production, introspection of %s returns 400", async (_name, handler, query) => {
  const response = await handler(request(query));
  expect(response.status).toBe(400);
  expect(await response.text()).not.toContain("ViewerChanged");
});

test.each([
  ["a query", POST, "{ viewer { emial } }", "email"],
  ["a stream", STREAM, "subscription { viewerChangd { refetch } }", "viewerChanged"],
])(
  "in production the error of %s does not suggest the correct name of the misspelled field",
  async (_name, handler, query, name) => {
    const response = await handler(request(query));
    expect(response.status).toBe(400);
    const text = await response.text();
    expect(text).not.toContain("Did you mean");
    expect(text).not.toContain(name);
  },
);

test("in production the explorer returns 404, and a browser that opens the API is not redirected to it", async () => {
  for (const path of ["", "/", "/main.js", "/index.html"]) {
    expect((await EXPLORER(new Request(`${url}/explorer${path}`))).status).toBe(404);
  }
  const asPage = await GET(new Request(url, { headers: { accept: "text/html" } }));
  expect(asPage.status).toBe(400);
});
