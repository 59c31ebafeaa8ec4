import { expect, test } from "vitest";
import { canonicalApiUrl } from "./api-url";

test.each([
  ["/api/webhooks/clerk", "/api/webhooks/clerk"],
  ["/api/webhooks/clerk/", "/api/webhooks/clerk"],
  ["//api/webhooks/clerk", "/api/webhooks/clerk"],
  ["/api//webhooks/clerk", "/api/webhooks/clerk"],
  ["/api/webhooks//clerk//?a=//b/", "/api/webhooks/clerk?a=//b/"],
  ["///api///graphql///stream", "/api/graphql/stream"],
  ["//evil.test/api/graphql", "//evil.test/api/graphql"],
  ["/sign-in//", "/sign-in//"],
  ["/?next=//api/x", "/?next=//api/x"],
  ["/api%2F/webhooks", "/api%2F/webhooks"],
  ["*", "*"],
])("the URL %s is served as %s", (url, served) => {
  expect(canonicalApiUrl(url)).toBe(served);
});
