/**
 * Runs before each database test file: creates a database for the file, and sets the environment variables that point to this
 * database.
 */
import { randomUUID } from "node:crypto";
import { inject } from "vitest";
import { createDatabase } from "../postgres/server";
import { testEnvironment } from "./environment";

const keys = inject("keys");
const url = await createDatabase(inject("serverUrl"), `test_${randomUUID()}`, {
  template: "migrated",
});
Object.assign(process.env, testEnvironment(keys, url), { TEST_PRIVATE_KEY: keys.privateKey });
