import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createDatabase, type Postgres, startPostgres } from "../dev/postgres/server";
import { createMigration, findDrift } from "./check-drift";
import { migrate } from "./migrate";

const folder = mkdtempSync(join(tmpdir(), "rollcall-migrate-"));
let postgres: Postgres;
let directory: string;
let url: string;
let count = 0;

beforeAll(async () => {
  postgres = await startPostgres({ dataDir: join(folder, "postgres") });
}, 60_000);

afterAll(async () => {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

beforeEach(async () => {
  count += 1;
  directory = join(folder, `migrations-${count}`);
  mkdirSync(directory);
  url = await createDatabase(postgres.url, `migrate_${count}`);
});

function writeMigration(name: string, sql: string): void {
  mkdirSync(join(directory, name), { recursive: true });
  writeFileSync(join(directory, name, "migration.sql"), sql);
}

async function query(sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe("migrate", { timeout: 30_000 }, () => {
  test("migrate applies new migrations in the order of their names, and records them as Prisma does", async () => {
    writeMigration("20260102000000_two", "INSERT INTO kept VALUES ('two');");
    writeMigration(
      "20260101000000_one",
      "CREATE TABLE kept (name text); INSERT INTO kept VALUES ('one');",
    );
    writeFileSync(join(directory, "migration_lock.toml"), 'provider = "postgresql"\n');

    expect(await migrate(url, { directory })).toEqual({
      applied: ["20260101000000_one", "20260102000000_two"],
    });
    expect(await migrate(url, { directory })).toEqual({ applied: [] });
    expect(await query("SELECT name FROM kept")).toEqual([{ name: "one" }, { name: "two" }]);
    expect(
      await query(
        `SELECT migration_name, checksum, applied_steps_count, logs, rolled_back_at,
                finished_at >= started_at AS "isFinished", id ~ '^[0-9a-f-]{36}$' AS "hasId"
         FROM _prisma_migrations ORDER BY started_at`,
      ),
    ).toMatchObject([
      { migration_name: "20260101000000_one", isFinished: true },
      {
        migration_name: "20260102000000_two",
        // The checksum was made with: printf "INSERT INTO kept VALUES ('two');" | sha256sum
        checksum: "b6cb9f237b0292f3df4f617f4ccae92500273d9c3d81e3398deaa78b7a309f44",
        applied_steps_count: 1,
        logs: null,
        rolled_back_at: null,
        isFinished: true,
        hasId: true,
      },
    ]);
  });

  test("migrate rolls back a migration that fails, and names it", async () => {
    writeMigration("1_good", "CREATE TABLE good ();");
    writeMigration("2_bad", "CREATE TABLE half (); SELECT nonsense;");
    await expect(migrate(url, { directory })).rejects.toThrow(
      'Migration 2_bad failed and was rolled back: column "nonsense" does not exist.',
    );
    expect(await query("SELECT migration_name FROM _prisma_migrations")).toEqual([
      { migration_name: "1_good" },
    ]);
    expect(await query("SELECT to_regclass('half') AS half")).toEqual([{ half: null }]);
  });

  test("migrate refuses a migration that was edited or is missing, and accepts changed line endings", async () => {
    writeMigration("1_first", "CREATE TABLE a ();\nCREATE TABLE b ();\n");
    await migrate(url, { directory });
    writeMigration("1_first", "CREATE TABLE a ();\r\nCREATE TABLE b ();\r\n");
    expect(await migrate(url, { directory })).toEqual({ applied: [] });
    writeMigration("1_first", "CREATE TABLE c ();\n");
    await expect(migrate(url, { directory })).rejects.toThrow(
      "Migration 1_first was changed after it was applied: restore its migration.sql",
    );
    rmSync(join(directory, "1_first"), { recursive: true });
    await expect(migrate(url, { directory })).rejects.toThrow(
      "Migration 1_first is applied in the database but missing in prisma/migrations",
    );
  });

  test("migrate refuses to continue after a migration that Prisma left unfinished", async () => {
    writeMigration("1_first", "CREATE TABLE a ();");
    await migrate(url, { directory });
    await query("UPDATE _prisma_migrations SET finished_at = NULL");
    await expect(migrate(url, { directory })).rejects.toThrow("Migration 1_first failed half-way");
  });

  test("migrate applies each migration once when several processes start at the same time", async () => {
    writeMigration("1_first", "CREATE TABLE a (); SELECT pg_sleep(0.3);");
    writeMigration("2_second", "CREATE TABLE b ();");
    const runs = await Promise.all([1, 2, 3].map(() => migrate(url, { directory })));
    expect(runs.flatMap(({ applied }) => applied)).toEqual(["1_first", "2_second"]);
  });

  test("migrate reports an unreachable database in one line, without the password", async () => {
    const closed = migrate("postgresql://me:topsecret@127.0.0.1:1/mine", { directory });
    await expect(closed).rejects.toThrow(
      "The database mine on 127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1. Start it, or correct the host and port in `DATABASE_URL`.",
    );
    const wrong = new URL(url);
    wrong.password = "topsecret";
    const refused = await migrate(wrong.href, { directory }).catch((error: Error) => error.message);
    expect(refused).toMatch(/password authentication failed/);
    expect(refused).not.toContain("topsecret");
    await expect(migrate("mysql://me:topsecret@x/y")).rejects.toThrow(
      /^DATABASE_URL is not a Postgres URL/,
    );
    await expect(
      migrate("mysql://me:topsecret@x/y", { variable: "DIRECT_DATABASE_URL" }),
    ).rejects.toThrow(/^DIRECT_DATABASE_URL is not a Postgres URL/);
  });

  test("migrate reports that a server has no free connection, not that it is unreachable", async () => {
    const busy = new URL(url);
    busy.username = `busy_${process.pid}`;
    busy.password = "x";
    await query(`CREATE ROLE ${busy.username} LOGIN PASSWORD 'x' CONNECTION LIMIT 0`);
    try {
      await expect(migrate(busy.href, { directory })).rejects.toThrow(
        /accepts no more connections: too many connections for role "busy_\d+"\. Processes times/,
      );
    } finally {
      await query(`DROP ROLE ${busy.username}`);
    }
  });

  test("migrate reports a full disk during a migration as a failure of the server, not of the migration file", async () => {
    writeMigration(
      "1_full",
      "DO $$ BEGIN RAISE EXCEPTION 'no space' USING ERRCODE = '53100'; END $$;",
    );
    const message = await migrate(url, { directory }).catch((error: Error) => error.message);
    expect(message).toMatch(
      /^Migration 1_full failed and was rolled back: The database \S+ on \S+ is out of disk space.*no space\. .* Then run it again\.$/,
    );
    expect(message).not.toContain("Correct the file");
  });
});

describe("check-drift", { timeout: 60_000 }, () => {
  const USERS =
    'CREATE TABLE "users" ("id" TEXT NOT NULL, CONSTRAINT "users_pkey" PRIMARY KEY ("id"));';
  const BEYOND_PRISMA = `
    ALTER TABLE users ADD CONSTRAINT long_enough CHECK (length(id) > 2);
    CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER touch BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
    CREATE INDEX some_users ON users (id) WHERE length(id) > 5;
    CREATE INDEX lower_users ON users (lower(id));
CREATE INDEX "prefix_users" ON "users" ("id" text_pattern_ops);
    CREATE VIEW shown AS SELECT id FROM users;`;

  function writeSchema(fields: string): string {
    const file = join(directory, "schema.prisma");
    writeFileSync(
      file,
      `datasource db {\n  provider = "postgresql"\n}\nmodel User {\n  id String @id\n${fields}\n  @@map("users")\n}\n`,
    );
    return file;
  }

  test("check-drift finds nothing when schema and migrations agree, ignoring objects that Prisma does not model", async () => {
    writeMigration("1_users", USERS + BEYOND_PRISMA);
    const schemaFile = writeSchema("");
    expect(await findDrift({ databaseUrl: postgres.url, schemaFile, directory })).toBe("");
  });

  test("check-drift finds a field without a migration, writes the migration, and then finds nothing", async () => {
    writeMigration("1_users", USERS + BEYOND_PRISMA);
    const options = {
      databaseUrl: postgres.url,
      schemaFile: writeSchema("  name String?"),
      directory,
    };
    expect(await findDrift(options)).toContain('ALTER TABLE "users" ADD COLUMN     "name" TEXT;');

    expect(await createMigration("add_name", options)).toMatch(
      /\/\d{14}_add_name\/migration\.sql$/,
    );
    expect(await findDrift(options)).toBe("");
    expect((await migrate(url, { directory })).applied).toHaveLength(2);
    expect(await createMigration("again", options)).toBeUndefined();
  });

  test("check-drift finds a column that is missing in the schema, and leaves no database behind", async () => {
    writeMigration("1_users", `${USERS} ALTER TABLE users ADD COLUMN gone text;`);
    const schemaFile = writeSchema("");
    expect(await findDrift({ databaseUrl: postgres.url, schemaFile, directory })).toContain(
      'DROP COLUMN "gone"',
    );
    expect(await query("SELECT FROM pg_database WHERE datname LIKE '%scratch%'")).toEqual([]);
  });
});
