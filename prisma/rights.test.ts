/** Migrations by a role with few rights, on the embedded Postgres (the newest) and on the oldest one installed. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase } from "../dev/postgres/server";
import { oldestAndNewest, type RunningPostgres } from "../dev/testing/postgres-versions";
import { migrate } from "./migrate";

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe.each(oldestAndNewest())("on Postgres ($version)", { timeout: 60_000 }, ({ start }) => {
  let postgres: RunningPostgres;

  beforeAll(async () => {
    postgres = await start();
  }, 60_000);
  afterAll(() => postgres.stop(), 60_000);

  /** Creates a database owned by a role without other rights. Resolves to the administrator's URL and the owner's. */
  async function databaseOf(owner: string, attributes = ""): Promise<[string, string]> {
    const name = `database of ${owner}`;
    const admin = await createDatabase(postgres.url, name);
    await run(admin, `CREATE ROLE ${owner} LOGIN PASSWORD 'p' ${attributes}`);
    await run(admin, `ALTER DATABASE "${name}" OWNER TO ${owner}`);
    const url = new URL(admin);
    Object.assign(url, { username: owner, password: "p" });
    return [admin, url.href];
  }

  test("an owner without CREATEROLE gets the SQL to run, and after it the migration succeeds", async () => {
    const [admin, url] = await databaseOf("app");
    const refusal = await migrate(url).catch((error: Error) => error.message);
    expect(refusal).toContain('CREATE ROLE "rollcall_viewer_database of app" NOLOGIN;');
    expect(refusal).toContain('GRANT "rollcall_viewer_database of app" TO "app";');
    expect(await run(admin, "SELECT to_regclass('users') AS t")).toEqual([{ t: null }]);
    const statements = String(refusal).match(/^ {2}\S.*;$/gm) ?? [];
    for (const sql of statements) await run(admin, sql);
    const { applied } = await migrate(url);
    expect(applied.length).toBeGreaterThan(8);
    await expect(readsAsViewer(url)).resolves.toEqual([]);
  });

  test("two databases of one server with different owners have one viewer role each", async () => {
    const [, staging] = await databaseOf("staging", "CREATEROLE");
    const [, production] = await databaseOf("production", "CREATEROLE");
    await migrate(staging);
    await migrate(production);
    await expect(readsAsViewer(staging)).resolves.toEqual([]);
    await expect(readsAsViewer(production)).resolves.toEqual([]);
  });

  test("a role without CREATE on the schema gets the SQL to run", async () => {
    const admin = await createDatabase(postgres.url, "of the administrator");
    await run(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    await run(admin, "CREATE ROLE guest LOGIN PASSWORD 'p'");
    const url = Object.assign(new URL(admin), { username: "guest", password: "p" }).href;
    await expect(migrate(url)).rejects.toThrow(
      /GRANT USAGE, CREATE ON SCHEMA "public" TO "guest";\s+GRANT CREATE ON DATABASE "of the administrator" TO "guest";/,
    );
  });

  test("a read-only database is reported as read-only", async () => {
    const admin = await createDatabase(postgres.url, "read only");
    await run(admin, `ALTER DATABASE "read only" SET default_transaction_read_only = on`);
    await expect(migrate(admin)).rejects.toThrow(/read-only.*Name the primary/s);
  });

  test("without pg_trgm the migration succeeds and says what is lost; the indexes are created once it is allowed", async () => {
    const [admin, url] = await databaseOf("untrusted", "CREATEROLE");
    await run(
      admin,
      `CREATE FUNCTION refuse() RETURNS event_trigger LANGUAGE plpgsql AS $$
         BEGIN RAISE EXCEPTION 'extension "pg_trgm" is not allow-listed' USING ERRCODE = '42501'; END $$;
       CREATE EVENT TRIGGER refuse ON ddl_command_start WHEN TAG IN ('CREATE EXTENSION') EXECUTE FUNCTION refuse()`,
    );
    const remedy =
      "run as an administrator in this database: CREATE EXTENSION pg_trgm; then run npm run db:migrate again.";
    const isIndexed =
      "SELECT to_regclass('users_search_idx') IS NOT NULL AND to_regclass('organizations_search_idx') IS NOT NULL AS yes";
    expect(await warningsOf(url)).toContainEqual(expect.stringContaining(remedy));
    expect(await run(url, isIndexed)).toEqual([{ yes: false }]);
    const search =
      "INSERT INTO users (id, first_name) VALUES ('u', 'José') RETURNING search LIKE '%jose%' AS found";
    expect(await run(url, search)).toEqual([{ found: true }]);
    expect(await warningsOf(url)).toEqual([
      expect.stringContaining('extension "pg_trgm" is not allow-listed'),
    ]);
    await run(admin, "DROP EVENT TRIGGER refuse");
    expect(await warningsOf(url)).toEqual([]);
    expect(await run(url, isIndexed)).toEqual([{ yes: true }]);
  });

  test("?schema= puts the tables and the record of migrations there, and nothing into public", async () => {
    const admin = await createDatabase(postgres.url, "with schema");
    await migrate(`${admin}?schema=rollcall`);
    const rows = await run(
      admin,
      "SELECT schemaname AS schema, count(*)::int > 5 AS many FROM pg_tables WHERE schemaname IN ('public', 'rollcall') GROUP BY 1",
    );
    expect(rows).toEqual([{ schema: "rollcall", many: true }]);
  });
});

/** The warnings that `npm run db:migrate` prints. */
async function warningsOf(url: string): Promise<string[]> {
  const lines: string[] = [];
  await migrate(url, { log: (line) => lines.push(line) });
  return lines.filter((line) => line.startsWith("warning: "));
}

/** Reads the users with the viewer role, as the API does. */
async function readsAsViewer(url: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query("SELECT set_config('role', viewer_role(), true)");
    return (await client.query("SELECT id FROM users")).rows;
  } finally {
    await client.end();
  }
}
