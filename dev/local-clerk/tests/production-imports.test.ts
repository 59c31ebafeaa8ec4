// The app's own code must never import the local Clerk, because it must not be deployed. e2e/bundle.spec.ts searches the
// production build for words of the local Clerk.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const deployed = ["app", "lib", "components", "middleware.ts", "instrumentation.ts"];

function filesIn(path: string, pattern: RegExp): string[] {
  if (!existsSync(path)) return [];
  if (pattern.test(path)) return [path];
  return readdirSync(path, { withFileTypes: true }).flatMap((each) => {
    const inner = join(path, each.name);
    if (each.isDirectory()) return each.name === "cache" ? [] : filesIn(inner, pattern);
    return pattern.test(each.name) ? [inner] : [];
  });
}

test("no deployed source file imports from dev/", () => {
  const sources = deployed
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
