/** One embedded Postgres for the run, with a migrated template that each test file copies. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { migrate } from "../../prisma/migrate";
import { createDatabase, startPostgres } from "../postgres/server";

declare module "vitest" {
  interface ProvidedContext {
    /** URL of the test server; its database `migrated` is the template that each test file copies. */
    serverUrl: string;
  }
}

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = mkdtempSync(join(tmpdir(), "rollcall-test-"));
  const postgres = await startPostgres({ dataDir });
  await migrate(await createDatabase(postgres.url, "migrated"));
  project.provide("serverUrl", postgres.url);
  return async () => {
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
