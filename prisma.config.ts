/**
 * Configures Prisma's command line.
 *
 * `generate`, `validate` and `format` require a schema engine that they never call, and would download one. Any existing file
 * satisfies them, so this file passes its own path as the engine. Never do this for `migrate`: without a real engine, `migrate`
 * prints nothing and exits with 0.
 */
import { fileURLToPath } from "node:url";
import { defineConfig } from "prisma/config";

const needsNoEngine = ["generate", "validate", "format"].includes(process.argv[2] ?? "");
if (needsNoEngine) process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= fileURLToPath(import.meta.url);

const url = process.env.DATABASE_URL;

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  ...(url ? { datasource: { url } } : {}),
});
