/** Runs the official audit of GraphQL over HTTP: https://github.com/graphql/graphql-http#audits */
import { auditServer } from "graphql-http";
import { expect, test } from "vitest";
import { GET, POST } from "@/app/api/graphql/route";
import { makeKeys, testEnvironment } from "@/dev/testing/environment";

Object.assign(process.env, testEnvironment(makeKeys(), "postgresql://127.0.0.1:1/none"));

const fetchFn: typeof fetch = (input, init) => {
  const request = new Request(input, init);
  return request.method === "POST" ? POST(request) : GET(request);
};

const results = await auditServer({ url: "https://rollcall.test/api/graphql", fetchFn });

test.each(results.filter(({ name }) => name.startsWith("MUST")))(
  "the API passes the GraphQL over HTTP audit: $name",
  (result) => {
    expect(result).toMatchObject({ status: "ok" });
  },
);

/** Cases that the audit lacks: responses with refused fields. */
test.each([
  ["application/graphql-response+json", '{ __typename organization(id: "x") { id } }', 200],
  ["application/json", '{ __typename organization(id: "x") { id } }', 200],
  ["application/graphql-response+json", '{ organization(id: "x") { id } }', 401],
  ["application/json", '{ organization(id: "x") { id } }', 401],
])(
  "a response of type %s to %s has status %i: 2xx only if its data is not null",
  async (accept, query, status) => {
    const headers = { "content-type": "application/json", accept };
    const init = { method: "POST", headers, body: JSON.stringify({ query }) };
    const response = await fetchFn("https://rollcall.test/api/graphql", init);
    const { data, errors } = await response.json();
    expect([response.status, errors[0].extensions.code]).toEqual([status, "UNAUTHENTICATED"]);
    expect((data ?? null) !== null).toBe(response.ok);
  },
);

test("the API follows all optional rules of GraphQL over HTTP except those listed in this test", () => {
  const left = results.filter(({ status }) => status !== "ok").map(({ name }) => name);
  expect(left).toEqual([
    // Not followed, because any site can send a GET request without a CORS preflight (CSRF).
    "MAY accept application/x-www-form-urlencoded formatted GET requests",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json",
    // Not followed: an operation that is not executed gets 400 in both media types, because a 200 would hide it from proxies and
    // alerts.
    "SHOULD use 200 status code on document parsing failure when accepting application/json",
    "SHOULD use 200 status code on document validation failure when accepting application/json",
    "SHOULD use a status code of 200 on variable coercion failure when accepting application/json",
  ]);
});
