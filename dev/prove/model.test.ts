import { expect, test } from "vitest";
import { surplus } from "./model";

test("surplus returns a line once for each copy that is missing in the other list of lines", () => {
  const [once, twice] = [
    ["ada in acme", "bea in acme"],
    ["ada in acme", "ada in acme", "bea in acme"],
  ];
  expect(surplus(twice, once)).toEqual(["ada in acme"]);
  expect(surplus(once, twice)).toEqual([]);
  expect(surplus(["cy in acme"], once)).toEqual(["cy in acme"]);
});
