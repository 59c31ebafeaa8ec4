/** Runs before each database test file: creates a database for it, and an environment that points to it. */
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { createDatabase } from "../postgres/server";
import { makeKeys, testEnvironment } from "./environment";

const keys = makeKeys();
const url = await createDatabase(inject("serverUrl"), `test_${randomUUID()}`, {
  template: "migrated",
});
Object.assign(process.env, testEnvironment(keys, url), { TEST_PRIVATE_KEY: keys.privateKey });
