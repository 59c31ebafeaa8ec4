import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";
import { settingsShape } from "../instance/settings";
import { settingsGroups } from "./page/settings-labels.js";

type Schema = { properties?: Record<string, Schema> };

function namesIn(schema: Schema, prefix = ""): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, each]) =>
    each.properties ? namesIn(each, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

test("the control page has exactly one label for each setting", () => {
  const schema: Schema = z.object({ properties: z.any() }).parse(z.toJSONSchema(settingsShape));
  const labelled = settingsGroups.flatMap(({ labels }) => Object.keys(labels));
  expect(labelled.sort()).toEqual(namesIn(schema).sort());
});

test("every file that the control page imports is served", () => {
  const page = new URL("./page/", import.meta.url);
  const served = readFileSync(new URL("./page-files.ts", import.meta.url), "utf8");
  for (const file of [
    "page.html",
    "page.js",
    "rows.js",
    "actions.js",
    "dom.js",
    "coverage.html",
    "coverage.js",
  ]) {
    const text = readFileSync(new URL(file, page), "utf8");
    const imports = [...text.matchAll(/(?:from "\.\/|\/page\/)([a-z-]+\.(?:js|css))"/g)];
    for (const [, name] of imports) expect(served).toContain(`"${name}":`);
  }
});
