/** The rules of GraphQL over HTTP, by the audit of those who write them: https://github.com/graphql/graphql-http#audits */
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

test.each(results.filter(({ name }) => name.startsWith("MUST")))("$name", (result) => {
  expect(result).toMatchObject({ status: "ok" });
});

test("of what is only recommended or allowed, this is left out, and nothing else", () => {
  const left = results.filter(({ status }) => status !== "ok").map(({ name }) => name);
  expect(left).toEqual([
    // A GET that needs no preflight could be sent by any page.
    "MAY accept application/x-www-form-urlencoded formatted GET requests",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/graphql-response+json",
    "MAY allow URL-encoded JSON string {variables} parameter in GETs when accepting application/json",
    // What was not executed is a 400 in either media type: a 200 hides it from proxies and alarms.
    "SHOULD use 200 status code on document parsing failure when accepting application/json",
    "SHOULD use 200 status code on document validation failure when accepting application/json",
    "SHOULD use a status code of 200 on variable coercion failure when accepting application/json",
  ]);
});
