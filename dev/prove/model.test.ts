import { expect, test } from "vitest";
import { beyond } from "./model";

test("what is there too often is named, as often as it is too much", () => {
  const [once, twice] = [
    ["ada in acme", "bea in acme"],
    ["ada in acme", "ada in acme", "bea in acme"],
  ];
  expect(beyond(twice, once)).toEqual(["ada in acme"]);
  expect(beyond(once, twice)).toEqual([]);
  expect(beyond(["cy in acme"], once)).toEqual(["cy in acme"]);
});
