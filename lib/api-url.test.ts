import { expect, test } from "vitest";
import { canonicalApiUrl } from "./api-url";

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
