import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { startLocalClerk } from "../start";
import { clerkJsMethods } from "./clerk-js-methods";
import { coverageSections } from "./coverage-table";

const readme = readFileSync(fileURLToPath(new URL("../README.md", import.meta.url)), "utf8");

/** Each feature that README.md lists as not implemented, with a pattern of its operations. */
const notImplemented: [name: string, operations: RegExp][] = [
  ["passkeys", /passkeys/],
  ["web3", /web3_wallets/],
  ["Clerk Billing beyond its events", /billing/],
  ["OAuth applications", /\/me\/oauth\//],
  ["enterprise connections", /enterprise_connections|^(DirectorySync|SSOBypassAllowlist)\./],
  ["DNS verification of domains", /domains\/\*\/bulk/],
  ["biometric credentials", /biometric_credentials/],
  ["bot protection", /protect_check/],
  ["changing settings from the page", /PATCH \/v1\/dev_tools/],
];

test("clerkJsMethods lists the methods of every clerk-js resource, each with the operations that it calls", () => {
  const methods = clerkJsMethods();
  const operationsOf = (name: string) =>
    methods.filter(({ method }) => method === name).map(({ operation }) => operation);
  expect(operationsOf("User.update")).toEqual(["PATCH /v1/me"]);
  expect(operationsOf("User.updateMetadata")).toEqual(["PATCH /v1/me/metadata"]);
  expect(operationsOf("SignInFuture.password")).toEqual(["POST /v1/client/sign_ins"]);
  expect(operationsOf("SignUpFuture.password").sort()).toEqual([
    "PATCH /v1/client/sign_ups/*",
    "POST /v1/client/sign_ups",
  ]);
  expect(operationsOf("EmailAddress.destroy")).toEqual(["DELETE /v1/me/email_addresses/*"]);
  expect(new Set(methods.map(({ method }) => method)).size).toBeGreaterThan(150);
  // These eight methods get the whole path as an argument, so the bundle does not contain their paths.
  expect(methods.filter(({ operation }) => operation === null)).toHaveLength(8);
});

test("every clerk-js method is implemented, or the README lists it as not implemented", async () => {
  const clerk = await startLocalClerk();
  await clerk.close();
  const methods = coverageSections(clerk.routes, new Map()).at(-1)?.rows ?? [];
  const isNamed = (row: string) =>
    notImplemented.some(([name, operations]) => operations.test(row) && readme.includes(name));
  const unnamed = methods.filter((row) => !row.isImplemented && !isNamed(row.name));
  expect(unnamed.map(({ name }) => name)).toEqual([]);
});
