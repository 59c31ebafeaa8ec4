/**
 * Starts one Postgres for the run, with a migrated template database that each test file copies. It is the embedded Postgres;
 * with TEST_POSTGRES=oldest, it is the oldest installed version.
 */
import type { TestProject } from "vitest/node";
import { migrate } from "../../prisma/migrate";
import { createDatabase } from "../postgres/server";
import { makeKeys, type TestKeys } from "./environment";
import { oldestAndNewest } from "./postgres-versions";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the test server; its database `migrated` is the template that each test file copies. */
    serverUrl: string;
    /** The key pair of the session tokens. All test files share it, because generating one takes up to a second. */
    keys: TestKeys;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const versions = oldestAndNewest();
  const version = process.env.TEST_POSTGRES === "oldest" ? versions.at(-1) : versions[0];
  if (!version) throw new Error("there is no Postgres for the tests");
  const postgres = await version.start();
  await migrate(await createDatabase(postgres.url, "migrated"));
  project.provide("serverUrl", postgres.url);
  project.provide("keys", makeKeys());
  return postgres.stop;
}
