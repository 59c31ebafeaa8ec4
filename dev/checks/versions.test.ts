/** Versions below these have known holes: the lock file must not fall under them. */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const floors = {
  next: "16.4.6",
  "@clerk/nextjs": "7.9.17",
  "@clerk/backend": "3.25.0",
  "@apollo/server": "5.5.0",
};

const lock = z
  .object({ packages: z.record(z.string(), z.object({ version: z.string().optional() })) })
  .parse(JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")));

function isAtLeast(version: string, floor: string): boolean {
  return version.localeCompare(floor, "en", { numeric: true }) >= 0;
}

test.each(Object.entries(floors))("every %s in the lock file is at least %s", (name, floor) => {
  const versions = Object.entries(lock.packages)
    .filter(([path]) => path === `node_modules/${name}` || path.endsWith(`/node_modules/${name}`))
    .map(([, { version }]) => version ?? "");
  expect(versions.length).toBeGreaterThan(0);
  expect(versions.filter((version) => !isAtLeast(version, floor))).toEqual([]);
});

test("versions are compared by number", () => {
  expect(isAtLeast("16.10.0", "16.4.6")).toBe(true);
  expect(isAtLeast("16.4.5", "16.4.6")).toBe(false);
});
