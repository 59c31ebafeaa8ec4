import { expect, test } from "vitest";
import { currentTab, tabLinks } from "./tab-links";

const tabs = [
  { name: "overview", label: "Overview" },
  { name: "members", label: "Members", count: 3 },
] as const;

test("an unknown, repeated or missing ?tab= selects the first tab", () => {
  for (const requested of ["<b>", ["members", "overview"], undefined, ""])
    expect(currentTab([...tabs], requested)).toBe("overview");
  expect(currentTab([...tabs], "members")).toBe("members");
});

test("the first tab's URL has no ?tab=, and every URL keeps the other parameters", () => {
  expect(tabLinks("/admin/users/user_1", tabs).map(({ href }) => href)).toEqual([
    "/admin/users/user_1",
    "/admin/users/user_1?tab=members",
  ]);
  const kept = { asOf: "2026-11-28T14:03:00Z" };
  expect(tabLinks("/a", tabs, kept).map(({ href }) => href)).toEqual([
    "/a?asOf=2026-11-28T14%3A03%3A00Z",
    "/a?tab=members&asOf=2026-11-28T14%3A03%3A00Z",
  ]);
});
