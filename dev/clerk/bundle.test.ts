// Nothing of the local Clerk may be in what a team deploys: the app's own code never imports it, and a
// production build that lies here does not have its words.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Words that only the local Clerk says. */
const words = [
  "not_implemented_locally",
  "played by the local Clerk",
  "refuses to start with NODE_ENV",
];
const shipped = ["app", "lib", "components", "middleware.ts", "instrumentation.ts"];

function filesIn(path: string, pattern: RegExp): string[] {
  if (!existsSync(path)) return [];
  if (pattern.test(path)) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((each) => {
    const inner = join(path, each.name);
    if (each.isDirectory()) return each.name === "cache" ? [] : filesIn(inner, pattern);
    return pattern.test(each.name) ? [inner] : [];
  });
}

test("nothing that is shipped imports from dev/", () => {
  const sources = shipped
    .flatMap((path) => filesIn(path, /\.tsx?$/))
    .filter((path) => !/\.test\.tsx?$/.test(path));
  expect(sources.length).toBeGreaterThan(20);
  const importing = sources.filter((path) =>
    /from\s+["'](?:@|[./]+)\/dev\/|import\(\s*["'](?:@|[./]+)\/dev\//.test(
      readFileSync(path, "utf8"),
    ),
  );
  expect(importing).toEqual([]);
});

test.runIf(existsSync(".next/BUILD_ID"))("a production build has none of its words", () => {
  const bundles = ["server", "static"].flatMap((part) => filesIn(join(".next", part), /\.m?js$/));
  expect(bundles.length).toBeGreaterThan(10);
  const found = bundles.filter((path) => {
    const text = readFileSync(path, "utf8");
    return words.some((word) => text.includes(word));
  });
  expect(found).toEqual([]);
});
