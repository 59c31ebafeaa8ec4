import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";

/** Words that only the local Clerk says. */
const words = [
  "not_implemented_locally",
  "played by the local Clerk",
  "refuses to start with NODE_ENV",
];

test("the production build has nothing of the local Clerk", () => {
  const bundles = ["server", "static"].flatMap((part) =>
    readdirSync(join(".next", part), { recursive: true, encoding: "utf8" })
      .filter((path) => /\.m?js$/.test(path))
      .map((path) => join(".next", part, path)),
  );
  expect(bundles.length).toBeGreaterThan(10);
  const found = bundles.filter((path) => {
    const text = readFileSync(path, "utf8");
    return words.some((word) => text.includes(word));
  });
  expect(found).toEqual([]);
});
