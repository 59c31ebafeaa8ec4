/**
 * What Prisma's command line knows of this project.
 *
 * `generate`, `validate` and `format` insist on a schema engine they never call, and would download
 * it. Any existing file satisfies them. Never for `migrate`: with a false engine it prints nothing
 * and looks successful.
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
