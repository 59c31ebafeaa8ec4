/**
 * Checks that `prisma/schema.prisma` and the committed migrations agree, and that the previous version survives the migrations.
 *
 *   tsx prisma/check-drift.ts                 prints the SQL that the migrations lack, and exits with 1 if there is any
 *   tsx prisma/check-drift.ts --create NAME   writes that SQL as a migration; check the migration before you commit it
 *
 * Creates and drops scratch databases. If the environment sets DATABASE_URL, uses its server (`.env` files are not read).
 * Otherwise starts an embedded Postgres for the check and stops it afterwards. What Prisma does not model (checks, functions,
 * triggers, partitions, partial and expression indexes, indexes with an operator class or INCLUDE) is neither reported nor undone.
 */
import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { createDatabase, dropDatabase, startPostgres } from "../dev/postgres/server";
import { runMain, UserError } from "../lib/errors";
import { findRefusedContractions } from "./expand-contract";
import { MIGRATIONS, type Migration, migrate, readMigrations } from "./migrate";
import { diff } from "./schema-engine";

type CheckOptions = { databaseUrl?: string; schemaFile?: string; directory?: string };

const SCHEMA = fileURLToPath(new URL("./schema.prisma", import.meta.url));

/** Resolves to the SQL that the migrations lack; empty when schema and migrations agree. */
export async function findDrift({
  databaseUrl,
  schemaFile = SCHEMA,
  directory = MIGRATIONS,
}: CheckOptions = {}): Promise<string> {
  const schema = { path: basename(schemaFile), content: readFileSync(schemaFile, "utf8") };
  const migrations = readMigrations(directory);
  return withScratchServer(databaseUrl, async (server) => {
    // `diff` runs the migrations in Prisma's engine. They must also work in our own runner.
    await withDatabase(server, (url) => migrate(url, { directory }));
    const sql = await withDatabase(server, (url) => diff({ url, schema, migrations }));
    return withoutUnmodelled(sql, migrations);
  });
}

/**
 * Removes each DROP INDEX of an index with an operator class or INCLUDE: the schema lacks it where Prisma cannot describe it. Also
 * removes the primary key of a partitioned table: Prisma needs one, but in Postgres it would have to include the partition key.
 */
function withoutUnmodelled(sql: string, migrations: Migration[]): string {
  const created = migrations.flatMap((migration) => [
    ...migration.sql.matchAll(/^CREATE INDEX "(\w+)" ON (.*);$/gm),
  ]);
  const latest = new Map(created.map(([, name = "", definition = ""]) => [name, definition]));
  const partitioned = migrations.flatMap((migration) => [
    ...migration.sql.matchAll(/^CREATE TABLE "(\w+)" .*PARTITION BY/gm),
  ]);
  const isPartitioned = new Set(partitioned.map(([, name]) => name));
  return sql
    .replace(/-- DropIndex\nDROP INDEX "(\w+)";\n*/g, (statement, name: string) =>
      /_ops\b|\bINCLUDE\b/.test(latest.get(name) ?? "") ? "" : statement,
    )
    .replace(
      /-- AlterTable\nALTER TABLE "(\w+)" ADD CONSTRAINT "\w+" PRIMARY KEY \(.*\);\n*/g,
      (statement, name: string) => (isPartitioned.has(name) ? "" : statement),
    );
}

export async function createMigration(
  name: string,
  options: CheckOptions = {},
): Promise<string | undefined> {
  if (!/^[a-z][a-z0-9_]*$/.test(name)) {
    throw new UserError("A migration's name is small letters, digits and _, like add_invitations.");
  }
  const sql = await findDrift(options);
  if (sql === "") return undefined;
  const directory = options.directory ?? MIGRATIONS;
  const timestamp = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
  const folder = join(directory, `${timestamp}_${name}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "migration.sql"), sql);
  const lockfile = join(directory, "migration_lock.toml");
  if (!existsSync(lockfile)) writeFileSync(lockfile, 'provider = "postgresql"\n');
  return join(folder, "migration.sql");
}

async function withScratchServer<T>(
  databaseUrl: string | undefined,
  use: (url: string) => Promise<T>,
): Promise<T> {
  if (databaseUrl) return use(databaseUrl);
  const folder = mkdtempSync(join(tmpdir(), "rollcall-drift-"));
  try {
    const postgres = await startPostgres({ dataDir: join(folder, "postgres") });
    try {
      return await use(postgres.url);
    } finally {
      await postgres.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function withDatabase<T>(server: string, use: (url: string) => Promise<T>): Promise<T> {
  const name = `rollcall_scratch_${randomUUID().replaceAll("-", "")}`;
  const url = await createDatabase(server, name);
  try {
    return await use(url);
  } finally {
    await dropDatabase(server, name);
  }
}

async function main([flag, name]: string[]): Promise<void> {
  const databaseUrl = process.env.DATABASE_URL;
  if (flag === "--create") {
    const file = await createMigration(name ?? "", { databaseUrl });
    console.log(file ? `Wrote ${file}` : "Nothing to write: schema and migrations agree.");
    return;
  }
  if (flag !== undefined) throw new UserError("Usage: check-drift [--create NAME]");
  const refusals = await findRefusedContractions(readMigrations(MIGRATIONS));
  if (refusals.length > 0) throw new UserError(refusals.join("\n"));
  const sql = await findDrift({ databaseUrl });
  if (sql === "") {
    console.log("Schema and migrations agree.");
    return;
  }
  console.log(sql);
  throw new UserError(
    "prisma/schema.prisma and prisma/migrations differ by the SQL above: npm run db:migration -- NAME writes it as a migration.",
  );
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  // Handles these signals with process.exit, because the scratch server is stopped by a listener of the event `exit`.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  await runMain(() => main(process.argv.slice(2)));
}
