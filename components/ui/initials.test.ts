import { expect, test } from "vitest";
import { initialsOf } from "./initials";

test.each([
  ["Ada Lovelace", "AL"],
  ["Ada King Lovelace", "AL"],
  ["ada", "A"],
  ["@ana", "A"],
  ["ana@example.com", "A"],
  ["+15550100", "1"],
  ["e\u0301lodie \u00f6berg", "E\u0301\u00d6"],
  ["\u00dfeta", "\u00df"],
  ["\u5c71\u7530 \u592a\u90ce", "\u5c71\u592a"],
  ["\u0928\u093f\u0932", "\u0928\u093f"],
  ["\u{1f98a}", "\u{1f98a}"],
  [
    "\u{1f469}\u200d\u{1f469}\u200d\u{1f467} \u{1f1eb}\u{1f1f7}",
    "\u{1f469}\u200d\u{1f469}\u200d\u{1f467}",
  ],
  ["\u{1f98a} Ana", "A"],
  ["\u{10400}da", "\u{10400}"],
  ["", ""],
])("the initials of %j are %j", (name, initials) => {
  expect(initialsOf(name)).toBe(initials);
});
