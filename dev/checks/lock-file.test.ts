/**
 * Rules for `package-lock.json`: no version with a known vulnerability, no package that is installed but never loaded, no URL of
 * a registry.
 */
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { z } from "zod";

const floors = {
  next: "16.4.6",
  "@clerk/nextjs": "7.9.17",
  "@clerk/backend": "3.25.0",
  "@apollo/server": "5.5.0",
};

const entry = z.object({
  name: z.string().optional(),
  version: z.string().optional(),
  resolved: z.string().optional(),
  libc: z.array(z.string()).optional(),
});

const lock = z
  .object({ packages: z.record(z.string(), entry) })
  .parse(JSON.parse(readFileSync(new URL("../../package-lock.json", import.meta.url), "utf8")));

const installed = Object.entries(lock.packages).map(([path, { name, ...rest }]) => ({
  ...rest,
  name: name ?? path.replace(/^.*node_modules\//, ""),
}));

function isAtLeast(version: string, floor: string): boolean {
  return version.localeCompare(floor, "en", { numeric: true }) >= 0;
}

test.each(Object.entries(floors))(
  "every %s in package-lock.json has at least version %s",
  (name, floor) => {
    const versions = installed.filter((entry) => entry.name === name).map((entry) => entry.version);
    expect(versions.length).toBeGreaterThan(0);
    expect(versions.filter((version = "") => !isAtLeast(version, floor))).toEqual([]);
  },
);

test("isAtLeast compares the parts of a version as numbers: 16.10.0 is newer than 16.4.6", () => {
  expect(isAtLeast("16.10.0", "16.4.6")).toBe(true);
  expect(isAtLeast("16.4.5", "16.4.6")).toBe(false);
});

// The published bundles of Clerk and Prisma already contain these packages, but still list them as dependencies, which adds 750
// MB. `overrides` in package.json replaces these packages by an empty package.
test("the packages of crypto wallets, React Native and PGlite are not installed", () => {
  const unneeded =
    /^(react-native|viem|@solana|@solana-mobile|@coinbase|@base-org|@electric-sql)\b/;
  expect(installed.filter(({ name }) => unneeded.test(name))).toEqual([]);
});

test("no entry of the lock file has the URL of a registry", () => {
  expect(installed.filter(({ resolved = "" }) => /^\w+:\/\//.test(resolved))).toEqual([]);
});

// npm 10 does not know the field `libc` and removes it from each entry. Without it, every Linux would install both variants
// of each binary, 250 MB more. After `npm install` with npm 10, run `git checkout package-lock.json`.
test("every package with a musl binary declares libc musl", () => {
  const musl = installed.filter(({ name }) =>
    /^(@next\/swc|@biomejs\/cli)-linux.*musl$/.test(name),
  );
  expect(musl.length).toBeGreaterThan(0);
  expect(musl.filter(({ libc }) => !libc?.includes("musl"))).toEqual([]);
});
