import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { isMemberPath, safeRedirect } from "./paths";

const origin = "https://rollcall.test";

test.each([
  ["/admin/users?q=ada#x", "/admin/users?q=ada#x"],
  ["https://rollcall.test/home", "/home"],
  ["home", "/home"],
])("a redirect to %s goes to %s", (requestedUrl, path) => {
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
])("a redirect to %s goes to the landing page", (wanted) => {
  expect(safeRedirect(wanted, origin)).toBe("/");
});

test("member pages are matched by whole segments", () => {
  expect(["/home", "/admin/users", "/organizations/new"].every(isMemberPath)).toBe(true);
  expect(["/", "/homely", "/sign-in", "/api/graphql"].some(isMemberPath)).toBe(false);
});

test("every page of members is a member path, so that a visitor returns to it after signing in", () => {
  const entries = readdirSync("app/(session)/(member)", { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  expect(folders).toContain("home");
  expect(folders.filter((name) => !isMemberPath(`/${name}`))).toEqual([]);
});
