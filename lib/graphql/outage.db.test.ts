import { expect, test } from "vitest";
import { POST } from "@/app/api/graphql/route";
import { POST as STREAM } from "@/app/api/graphql/stream/route";
import { signToken } from "@/dev/testing/sign";

// Nothing listens there; set before anything reads it.
process.env.DATABASE_URL = "postgresql://nobody@127.0.0.1:1/none";

const privateKey = process.env.TEST_PRIVATE_KEY ?? "";
const request = (query: string, authorization: string) =>
  new Request("https://rollcall.test/api/graphql", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "text/event-stream, */*",
      authorization,
    },
    body: JSON.stringify({ query }),
  });

test.each([
  ["a query", POST, "{ viewer { id } }"],
  ["a stream", STREAM, "subscription { viewerChanged { refetch } }"],
])("the database down: %s is UNAVAILABLE, not signed out", async (_name, handler, query) => {
  const good = await handler(request(query, `Bearer ${signToken(privateKey, {})}`));
  const { errors } = await good.json();
  expect([good.status, errors[0].extensions]).toEqual([
    503,
    { code: "UNAVAILABLE", reason: "unavailable" },
  ]);
  const bad = await handler(request(query, "Bearer null"));
  expect([bad.status, (await bad.json()).errors[0].extensions]).toEqual([
    401,
    { code: "UNAUTHENTICATED", reason: "missing" },
  ]);
});
