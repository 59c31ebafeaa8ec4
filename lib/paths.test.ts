import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isMemberPath, safeRedirect } from "./paths";

const origin = "https://rollcall.test";

test.each([
  ["/admin/users?q=ada#x", "/admin/users?q=ada#x"],
  ["https://rollcall.test/home", "/home"],
  ["home", "/home"],
])("safeRedirect(%s) returns the path %s", (requestedUrl, path) => {
  expect(safeRedirect(requestedUrl, origin)).toBe(path);
});

test.each([
  "https://evil.test/",
  "//evil.test/",
  "/\\evil.test/",
  "/\t/evil.test/",
  "https://rollcall.test@evil.test/",
  "https://user:pass@rollcall.test/home",
  "http://rollcall.test/home",
  "https://rollcall.test//evil.test",
  "javascript:alert(1)",
  "data:text/html,x",
  "https://",
  "/home\r\nSet-Cookie: a=b",
  "/home%0d%0aSet-Cookie:%20a=b",
  "java\nscript:alert(1)",
])("safeRedirect(%s) returns the landing page", (wanted) => {
  expect(safeRedirect(wanted, origin)).toBe("/");
});

test("isMemberPath compares whole path segments: /home is a member page, /homely is not", () => {
  expect(["/home", "/admin/users", "/organizations/new"].every(isMemberPath)).toBe(true);
  expect(["/", "/homely", "/sign-in", "/api/graphql"].some(isMemberPath)).toBe(false);
});

test("isMemberPath is true for every page in app/(session)/(member)", () => {
  const entries = readdirSync("app/(session)/(member)", { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders).toContain("home");
  expect(folders.filter((name) => !isMemberPath(`/${name}`))).toEqual([]);
});
