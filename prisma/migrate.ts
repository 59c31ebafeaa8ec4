/**
 * Migrates a database to the committed schema.
 *
 * Applies the files `prisma/migrations/<name>/migration.sql` in the order of their names. Each file runs in one transaction,
 * which also adds its entry to `_prisma_migrations`. The whole run holds Prisma's advisory lock. The table, the checksums and the
 * lock are the same as Prisma's, so `prisma migrate deploy` works on the same database. Prisma's engine is not needed: it would
 * have to be downloaded, which a closed network refuses.
 *
 * Refuses to run if the database's history does not match the files: an applied migration was edited or is missing, or a
 * migration failed half-way. Never prints the password.
 */
import { createHash, randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import nextEnv from "@next/env";
import { Logger, runMigrations } from "graphile-worker";
import pg from "pg";
import { explainDatabaseError } from "../lib/database-fault";
import { type DatabaseTarget, DatabaseUrlError, parseDatabaseUrl } from "../lib/database-url";
import { UserError } from "../lib/errors";
import { tlsConfig } from "../lib/preferred-tls";
import { addRetryJobSql } from "../lib/sync/inbox/retry-queue";
import { grantFunctions, requireRights } from "./rights";

type MigrateOptions = {
  log?: (line: string) => void;
  /** The directory of the migrations; default: prisma/migrations. */
  directory?: string;
  /** The name of the environment variable that holds the URL. Used only in messages. */
  variable?: string;
};

export type Migration = { name: string; sql: string };

/** Relative to this module. `lib/command/bundle.ts` copies the folder beside the bundled module. */
export const MIGRATIONS = fileURLToPath(new URL("./migrations", import.meta.url));

/** The key of Prisma's advisory lock for migrations. */
const ADVISORY_LOCK = 72_707_369;

/**
 * Former checksums of migrations that were edited after a release. Databases that applied the old file stay valid, because both
 * files lead to the same schema in the end. The old 20261123020000 created one role for the whole server. Now 20261128010000
 * creates one role for each database.
 */
const SUPERSEDED: Record<string, string[]> = {
  "20261123020000_row_security": [
    "f95186a0ac536a65d5c8f1b5e07d2eb0d989d1741b7e82e65fd2a2abf7d0a84c",
  ],
};

const BOOK = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

export async function migrate(
  databaseUrl: string,
  { log = () => {}, directory = MIGRATIONS, variable = "DATABASE_URL" }: MigrateOptions = {},
): Promise<{ applied: string[] }> {
  const migrations = readMigrations(directory);
  const target = readTarget(databaseUrl, variable);
  const client = await connect(target);
  const warnings = new Set<string>();
  client.on("notice", ({ severity, code, message = "" }) => {
    if (severity !== "WARNING" || code !== RAISED || warnings.has(message)) return;
    warnings.add(message);
    log(`warning: ${message}`);
  });
  try {
    if (target.schema !== undefined) await enterSchema(client, target.schema, target.label);
    const names = createdNames(migrations);
    await requireRights(client, target.label, names);
    await takeLock(client, log);
    const done = await readBook(client);
    refuseDivergence(migrations, done);
    const applied: string[] = [];
    for (const migration of migrations) {
      if (done.has(migration.name)) continue;
      const startedAt = performance.now();
      await apply(client, migration, target.label);
      log(`migrated ${migration.name} (${Math.round(performance.now() - startedAt)} ms)`);
      applied.push(migration.name);
    }
    await createOptionalParts(client);
    await grantFunctions(client, names);
    await migrateQueue(client, target);
    return { applied };
  } catch (error) {
    throw error instanceof pg.DatabaseError ? explained(error, target.label) : error;
  } finally {
    // Ends the database session, which also releases the advisory lock.
    await client.end();
  }
}

/** Opens a connection for a command that reads a migrated database. If the URL names a schema, sets the search_path to it. */
export async function connectTo(databaseUrl: string, variable: string): Promise<pg.Client> {
  const target = readTarget(databaseUrl, variable);
  const client = await connect(target);
  if (target.schema !== undefined) await client.query(searchPathOf(target.schema));
  return client;
}

function explained(error: unknown, label: string): UserError {
  const { sentence, remedy } = explainDatabaseError(error, label);
  return new UserError(`${sentence} ${remedy}`, { cause: error });
}

function readTarget(databaseUrl: string, variable: string): DatabaseTarget {
  try {
    return parseDatabaseUrl(databaseUrl);
  } catch (error) {
    if (!(error instanceof DatabaseUrlError)) throw error;
    throw new UserError(`${variable} ${error.message}.`);
  }
}

export function readMigrations(directory: string): Migration[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()
    .map((name) => {
      const file = join(directory, name, "migration.sql");
      if (!existsSync(file)) {
        throw new UserError(
          `${show(join(directory, name))} has no migration.sql: restore the file or delete the folder.`,
        );
      }
      return { name, sql: readFileSync(file, "utf8") };
    });
}

/** Returns the names of the tables, views and functions that the migrations create. */
export function createdNames(migrations: Migration[]): string[] {
  const created = /\bCREATE (?:OR REPLACE )?(?:TABLE|VIEW|FUNCTION) (?:IF NOT EXISTS )?"?(\w+)"?/g;
  const names = migrations.flatMap(({ sql }) =>
    [...sql.matchAll(created)].map(([, name = ""]) => name),
  );
  return [...new Set(["_prisma_migrations", ...names])];
}

/**
 * SQL functions from the migrations that create optional objects. Without the needed privilege, they raise a warning instead of
 * an error.
 */
const OPTIONAL_PARTS = ["grant_reader_role()", "create_archive_role()", "create_search_indexes()"];

/**
 * Creates the optional objects. Runs even if no migration is pending, because an administrator may have granted the privileges
 * after the last run.
 */
async function createOptionalParts(client: pg.Client): Promise<void> {
  for (const call of OPTIONAL_PARTS) {
    const { rows } = await client.query<{ exists: boolean }>(
      "SELECT to_regprocedure($1) IS NOT NULL AS exists",
      [call],
    );
    if (rows[0]?.exists) await client.query(`SELECT ${call}`);
  }
}

/**
 * Adds a retry job for each pending delivery to a queue that was just created. An earlier release put these jobs into the queue
 * `graphile_worker`, which all schemas of the database shared.
 */
const ADD_RETRIES = `SELECT ${addRetryJobSql("svix_id", "next_attempt_at")} FROM deliveries WHERE outcome = 'pending'`;

const DEFAULT_QUEUE = "graphile_worker";

/** Resolves to the name of the queue's schema. A migration chooses the name; before that migration, it is DEFAULT_QUEUE. */
async function findQueueSchema(client: pg.Client): Promise<string> {
  const { rows } = await client.query("SELECT to_regprocedure('queue_schema()') AS found");
  if (rows[0]?.found === null) return DEFAULT_QUEUE;
  const named = await client.query<{ name: string }>("SELECT queue_schema() AS name");
  return named.rows[0]?.name ?? DEFAULT_QUEUE;
}

/** Migrates the worker's queue. The queue is a schema of the same database, so our statements can add jobs to it. */
async function migrateQueue(client: pg.Client, target: DatabaseTarget): Promise<void> {
  const schema = await findQueueSchema(client);
  const { rows: old } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
  const pgPool = new pg.Pool({
    connectionString: target.connectionString,
    ...tlsConfig(target),
    max: 1,
    onConnect: (client) => client.query(WITHOUT_LIMITS),
  });
  pgPool.on("error", () => {});
  pgPool.on("connect", (client) => client.on("error", () => {}));
  try {
    await runMigrations({ pgPool, schema, logger: new Logger(() => () => {}) });
  } finally {
    await pgPool.end();
  }
  if (old.length === 0 && schema !== DEFAULT_QUEUE) await client.query(ADD_RETRIES);
}

async function connect(target: DatabaseTarget): Promise<pg.Client> {
  const { connectionString, label } = target;
  const client = new pg.Client({
    connectionString,
    ...tlsConfig(target),
    connectionTimeoutMillis: 10_000,
    application_name: "rollcall migrate",
  });
  // A connection that breaks between two queries emits an error event. Without a listener, the event would end the process with
  // a stack trace.
  client.on("error", () => {});
  try {
    await client.connect();
    await client.query(WITHOUT_LIMITS);
  } catch (error) {
    throw explained(error, label);
  }
  return client;
}

/** Turns off the role's time limits. A limit that suits the app, such as statement_timeout, may be too short for a migration. */
const WITHOUT_LIMITS =
  "SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0";

const searchPathOf = (schema: string) => `SET search_path = ${pg.escapeIdentifier(schema)}, public`;

const isDenied = (error: unknown) => error instanceof pg.DatabaseError && error.code === "42501";

async function enterSchema(client: pg.Client, schema: string, label: string): Promise<void> {
  const name = pg.escapeIdentifier(schema);
  try {
    await client.query(`CREATE SCHEMA IF NOT EXISTS ${name}`);
  } catch (error) {
    const { rows } = await client.query("SELECT FROM pg_namespace WHERE nspname = $1", [schema]);
    if (rows.length === 0) {
      if (!isDenied(error)) throw explained(error, label);
      throw new UserError(
        `The schema ${schema} does not exist, and the role may not create it. Run as an administrator: CREATE SCHEMA ${name} AUTHORIZATION the_role_of_DATABASE_URL;`,
        { cause: error },
      );
    }
  }
  await client.query(searchPathOf(schema));
}

/**
 * The SQLSTATE of a warning that a migration raises. Other warnings are from the server, for example about a GRANT that is not
 * needed, and are not printed.
 */
const RAISED = "01000";

const LOCK_NOT_AVAILABLE = "55P03";

async function takeLock(client: pg.Client, log: (line: string) => void): Promise<void> {
  const tried = await client.query<{ taken: boolean }>("SELECT pg_try_advisory_lock($1) AS taken", [
    ADVISORY_LOCK,
  ]);
  if (tried.rows[0]?.taken) return;
  log("another migration is running, waiting for it");
  try {
    await client.query("SET lock_timeout = '60s'");
    await client.query("SELECT pg_advisory_lock($1)", [ADVISORY_LOCK]);
    await client.query("RESET lock_timeout");
  } catch (error) {
    const isHeld = error instanceof pg.DatabaseError && error.code === LOCK_NOT_AVAILABLE;
    if (!isHeld) throw error;
    throw new UserError(
      "Another migration has held the lock for a minute. Wait for it to end, then try again.",
      { cause: error },
    );
  }
}

type BookEntry = {
  migration_name: string;
  checksum: string;
  finished_at: Date | null;
  rolled_back_at: Date | null;
};

async function readBook(client: pg.Client): Promise<Map<string, BookEntry>> {
  await client.query(BOOK);
  return readEntries(client);
}

async function readEntries(client: pg.ClientBase): Promise<Map<string, BookEntry>> {
  const { rows } = await client.query<BookEntry>(
    `SELECT "migration_name", "checksum", "finished_at", "rolled_back_at"
     FROM "_prisma_migrations" WHERE "rolled_back_at" IS NULL ORDER BY "started_at"`,
  );
  return new Map(rows.map((row) => [row.migration_name, row]));
}

/**
 * Resolves to the names of the migrations that the database lacks. Writes nothing.
 * @throws UserError if the applied migrations do not match the files.
 */
export async function findPendingMigrations(client: pg.ClientBase): Promise<string[]> {
  const migrations = readMigrations(MIGRATIONS);
  const { rows } = await client.query(`SELECT to_regclass('"_prisma_migrations"') AS book`);
  if (rows[0]?.book === null) return migrations.map(({ name }) => name);
  const done = await readEntries(client);
  refuseDivergence(migrations, done);
  return migrations.map(({ name }) => name).filter((name) => !done.has(name));
}

function refuseDivergence(migrations: Migration[], done: Map<string, BookEntry>): void {
  const onDisk = new Map(migrations.map(({ name, sql }) => [name, sql]));
  for (const [name, { checksum, finished_at }] of done) {
    const sql = onDisk.get(name);
    if (sql === undefined) {
      throw new UserError(
        `Migration ${name} is applied in the database but missing in prisma/migrations: restore it, or use the database of this version. If it is another program's, give Rollcall a schema of its own: ?schema=rollcall in DATABASE_URL.`,
      );
    }
    if (finished_at === null) {
      throw new UserError(
        `Migration ${name} failed half-way in an earlier run of Prisma: repair the database, then mark it with prisma migrate resolve.`,
      );
    }
    if (!checksumsOf(name, sql).includes(checksum)) {
      throw new UserError(
        `Migration ${name} was changed after it was applied: restore its migration.sql and put the change into a new migration.`,
      );
    }
  }
}

/** The SQLSTATEs of a name that already exists: a table, function, type or schema. */
const ALREADY_EXISTS = new Set(["42P07", "42723", "42710", "42P06"]);

/**
 * The SQLSTATE classes of an error in a migration file: a wrong statement, or one that does not fit the data. Any other error is
 * a failure of the server.
 */
const OF_THE_FILE = /^(0A|21|22|23|2B|42|P0)/;

function remedyOf(error: unknown, label: string): string {
  if (error instanceof pg.DatabaseError) {
    const { code = "", message } = error;
    if (isDenied(error)) return `${message}. Grant the role that right, then run it again.`;
    if (ALREADY_EXISTS.has(code)) {
      return `${message}. The schema has objects of another program. Use a database of its own for Rollcall, or a schema of its own: ?schema=rollcall in DATABASE_URL.`;
    }
    if (OF_THE_FILE.test(code)) return `${message}. Correct the file and run it again.`;
  }
  const { sentence, remedy } = explainDatabaseError(error, label);
  return `${sentence} ${remedy} Then run it again.`;
}

async function apply(client: pg.Client, { name, sql }: Migration, label: string): Promise<void> {
  const startedAt = new Date();
  try {
    await client.query("BEGIN");
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations"
         ("id", "checksum", "migration_name", "started_at", "finished_at", "logs", "applied_steps_count")
       VALUES ($1, $2, $3, $4, clock_timestamp(), NULL, 1)`,
      [randomUUID(), sha256(sql), name, startedAt],
    );
    await client.query("COMMIT");
  } catch (error) {
    throw new UserError(`Migration ${name} failed and was rolled back: ${remedyOf(error, label)}`, {
      cause: error,
    });
  }
}

/**
 * Returns the valid checksums of a migration: of its file with either kind of line endings, and its former checksums. A checkout
 * may convert the line endings, and Prisma also accepts both kinds.
 */
function checksumsOf(name: string, sql: string): string[] {
  const unix = sql.replaceAll("\r\n", "\n");
  const earlier = SUPERSEDED[name] ?? [];
  return [...[sql, unix, unix.replaceAll("\n", "\r\n")].map(sha256), ...earlier];
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function show(path: string): string {
  return relative(process.cwd(), path);
}

/**
 * Returns the URL of the database to migrate, and the name of the variable that holds it: DIRECT_DATABASE_URL, or else
 * DATABASE_URL.
 * @throws UserError if neither variable is set.
 */
export function databaseUrlOfEnvironment(): { url: string; variable: string } {
  nextEnv.loadEnvConfig(process.cwd(), process.env.NODE_ENV !== "production", {
    info: () => {},
    error: console.error,
  });
  const { DIRECT_DATABASE_URL, DATABASE_URL } = process.env;
  const url = DIRECT_DATABASE_URL || DATABASE_URL;
  if (!url) {
    throw new UserError(
      "DATABASE_URL is not set: name the database. (npm run dev migrates its own by itself.)",
    );
  }
  return { url, variable: DIRECT_DATABASE_URL ? "DIRECT_DATABASE_URL" : "DATABASE_URL" };
}
