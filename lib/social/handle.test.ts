import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseHandle, skeletonOf } from "./handle";

describe("a handle", () => {
  test.each([
    ["ada", "ada"],
    ["  @Ada_99 ", "ada_99"],
    ["x".repeat(30), "x".repeat(30)],
  ])("parseHandle(%j) returns the handle %s", (typed, handle) => {
    expect(parseHandle(typed)).toMatchObject({ handle });
  });

  test.each([
    ["ab", "length"],
    ["@ab", "length"],
    ["x".repeat(31), "length"],
    ["", "length"],
    ["ada lovelace", "characters"],
    ["ada-l", "characters"],
    ["ada/..", "characters"],
    ["ad\u0430", "characters"], // a Cyrillic a
    ["\uff41\uff44\uff41", "characters"], // full width
    ["\u212aate", "characters"], // the Kelvin sign, whose lower case is k
    ["ad\u0000a", "characters"],
    ["___", "characters"],
    ["admin", "reserved"],
    ["ADM1N", "reserved"],
    ["adrnin", "reserved"],
    ["_admin_", "reserved"],
    ["supp0rt", "reserved"],
    ["vvishlist", "reserved"],
    ["member_abc", "reserved"],
  ])("parseHandle(%j) is refused with the reason %s", (typed, refused) => {
    expect(parseHandle(typed)).toEqual({ refused });
  });

  test("the first path segment of every page of the app is a reserved handle", () => {
    const sections = (folder: string): string[] =>
      readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .flatMap(({ name }) =>
          /^[(]/.test(name) ? sections(`${folder}/${name}`) : /^\[/.test(name) ? [] : [name],
        );
    const names = sections("app");
    expect(names).toContain("countries");
    for (const name of names) {
      const handle = name.replaceAll("-", "_");
      expect([name, parseHandle(handle)]).toEqual([name, { refused: "reserved" }]);
    }
  });
});

test.each([
  ["ada0", "adao"],
  ["b1ll", "blil"],
  ["burn", "bum"],
  ["vvilly", "willy"],
  ["vvv", "wv"],
  ["mary_ann", "_maryann"],
  ["ADA", "ada"],
])("skeletonOf is equal for the look-alike handles %s and %s", (one, other) => {
  expect(skeletonOf(one)).toBe(skeletonOf(other));
});

test.each([
  ["ada", "eda"],
  ["anna", "ana"],
  ["ada2", "ada3"],
])("skeletonOf differs for the handles %s and %s", (one, other) => {
  expect(skeletonOf(one)).not.toBe(skeletonOf(other));
});
