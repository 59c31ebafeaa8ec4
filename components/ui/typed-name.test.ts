import { expect, test } from "vitest";
import { isSameName } from "./typed-name";

test("isSameName ignores case, repeated spaces, invisible characters and Unicode normalization", () => {
  expect(isSameName("acme  corp ", "Acme\u200b Corp")).toBe(true);
  expect(isSameName("شركة", "\u202bشركة\u202c")).toBe(true);
  expect(isSameName("cafe\u0301", "café")).toBe(true);
  expect(isSameName("<b>acme</b>", "<b>Acme</b>")).toBe(true);
});

test("isSameName is false for two different names and for two empty names", () => {
  expect(isSameName("acme", "acme corp")).toBe(false);
  expect(isSameName("", "")).toBe(false);
  expect(isSameName(" ", "\u200b")).toBe(false);
});
