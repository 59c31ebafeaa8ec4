import { expect, test } from "vitest";
import { isSameName } from "./typed-name";

test("a typed name matches whatever the case, the spaces and the invisible characters of the name on the page", () => {
  expect(isSameName("acme  corp ", "Acme\u200b Corp")).toBe(true);
  expect(isSameName("شركة", "\u202bشركة\u202c")).toBe(true);
  expect(isSameName("cafe\u0301", "café")).toBe(true);
  expect(isSameName("<b>acme</b>", "<b>Acme</b>")).toBe(true);
});

test("a typed name does not match another one, and nothing matches an empty one", () => {
  expect(isSameName("acme", "acme corp")).toBe(false);
  expect(isSameName("", "")).toBe(false);
  expect(isSameName(" ", "\u200b")).toBe(false);
});
