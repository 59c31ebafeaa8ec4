import { expect, test } from "vitest";
import { reasonOf } from "./reason";

test("reasonOf trims a reason, and keeps its text", () => {
  expect(reasonOf("  asked by mail, ticket 12 \n")).toBe("asked by mail, ticket 12");
});

test.each(["", " ", "\u200b", "\u3164\u2800", "\u202e", "x".repeat(501)])(
  "reasonOf refuses %j, which says nothing or too much",
  (reason) => {
    expect(() => reasonOf(reason)).toThrow("A reason has 1 to 500 characters.");
  },
);
