/**
 * Runs migrations as a role with few privileges, on the embedded Postgres (the newest version) and on the oldest installed
 * version.
 */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDatabase, withClient } from "../dev/postgres/server";
import { oldestAndNewest, type RunningPostgres } from "../dev/testing/postgres-versions";
import { migrate } from "./migrate";

async function run(url: string, sql: string): Promise<Record<string, unknown>[]> {
  return (await withClient(url, (client) => client.query(sql))).rows;
}

describe.each(oldestAndNewest())("on Postgres ($version)", { timeout: 60_000 }, ({ start }) => {
  let postgres: RunningPostgres;

  beforeAll(async () => {
    postgres = await start();
  }, 60_000);
  afterAll(() => postgres.stop(), 60_000);

  /**
   * Creates a database and its owner, a role with only the given attributes. Resolves to two URLs of the database: the
   * administrator's and the owner's.
   */
  async function databaseOf(owner: string, attributes = ""): Promise<[string, string]> {
    const name = `database of ${owner}`;
    const admin = await createDatabase(postgres.url, name);
    await run(admin, `CREATE ROLE "${owner}" LOGIN PASSWORD 'p' ${attributes}`);
    await run(admin, `ALTER DATABASE "${name}" OWNER TO "${owner}"`);
    const url = new URL(admin);
    Object.assign(url, { username: owner, password: "p" });
    return [admin, url.href];
  }

  test("migrate as an owner without CREATEROLE prints the SQL for an administrator, and succeeds after that SQL was run", async () => {
    const [admin, url] = await databaseOf("app");
    const refusal = await refusalOf(url);
    expect(refusal).toContain('CREATE ROLE "rollcall_viewer_database of app" NOLOGIN;');
    expect(refusal).toMatch(/GRANT "rollcall_viewer_database of app" TO "app"( WITH SET TRUE)?;/);
    expect(await run(admin, "SELECT to_regclass('users') AS t")).toEqual([{ t: null }]);
    await obey(admin, refusal);
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

  test("migrate as a role without CREATE on the schema prints the SQL for an administrator", async () => {
    const admin = await createDatabase(postgres.url, "of the administrator");
    await run(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    await run(admin, "CREATE ROLE guest LOGIN PASSWORD 'p'");
    const url = Object.assign(new URL(admin), { username: "guest", password: "p" }).href;
    await expect(migrate(url)).rejects.toThrow(
      /GRANT USAGE, CREATE ON SCHEMA "public" TO "guest";\s+GRANT CREATE ON DATABASE "of the administrator" TO "guest";/,
    );
  });

  test.each([
    [
      "a viewer role that it may administer, but not become",
      "admined",
      `CREATE ROLE "rollcall_viewer_database of admined"; GRANT "rollcall_viewer_database of admined" TO admined WITH ADMIN OPTION`,
      // Before Postgres 16, every member of a role may become it, so `migrate` succeeds and refuses nothing.
      /^$|GRANT "rollcall_viewer_database of admined" TO "admined" WITH SET TRUE;/,
    ],
    [
      "a queue of another owner",
      "queued",
      "CREATE SCHEMA graphile_worker",
      /ALTER SCHEMA graphile_worker OWNER TO queued;/,
    ],
    [
      "a schema of the SQL contract of another owner",
      "contracted",
      "CREATE SCHEMA rollcall_sql",
      /ALTER SCHEMA rollcall_sql OWNER TO contracted;/,
    ],
    [
      "an extension in a schema that it may not use",
      "extended",
      "CREATE SCHEMA extensions; CREATE EXTENSION pg_trgm SCHEMA extensions",
      /GRANT USAGE ON SCHEMA "extensions" TO "extended";/,
    ],
    [
      "settings that change what statements mean",
      "set",
      `ALTER ROLE "set" SET datestyle = 'SQL, DMY'; ALTER ROLE "set" SET row_security = off; ALTER ROLE "set" SET standard_conforming_strings = off`,
      /SET DateStyle = 'ISO', 'MDY';\s+ALTER .* SET standard_conforming_strings = 'on';\s+ALTER .* SET row_security = 'on';/,
    ],
  ])(
    "migrate as a role with %s prints the SQL for an administrator, and succeeds after that SQL was run",
    async (_name, owner, setup, line) => {
      const [admin, url] = await databaseOf(owner, "CREATEROLE");
      await run(admin, setup.replace(" WITH ADMIN OPTION", await adminOnly(admin)));
      const refusal = await refusalOf(url);
      expect(refusal).toMatch(line);
      await obey(admin, refusal);
      await migrate(url);
      await expect(readsAsViewer(url)).resolves.toEqual([]);
    },
  );

  test("migrate as a role that does not own the tables prints the SQL that makes it their owner, and succeeds after that SQL was run", async () => {
    const [admin, url] = await databaseOf("late", "CREATEROLE");
    await migrate(admin);
    const refusal = await refusalOf(url);
    expect(refusal).toContain("ALTER TABLE public.users OWNER TO late;");
    await obey(admin, refusal);
    await expect(migrate(url)).resolves.toEqual({ applied: [] });
    await run(
      url,
      "ALTER TABLE users ADD COLUMN later int; DROP VIEW rollcall_sql.live_users CASCADE",
    );
    await expect(readsAsViewer(url)).resolves.toEqual([]);
  });

  test("migrate names the search_path when none of its schemas exists, and succeeds with ?schema=public", async () => {
    const [admin, url] = await databaseOf("lost", "CREATEROLE");
    await run(admin, "ALTER ROLE lost SET search_path = nowhere");
    await expect(migrate(url)).rejects.toThrow(/search_path \(nowhere\).*\?schema=public/);
    await expect(migrate(`${url}?schema=public`)).resolves.toBeDefined();
  });

  /** Runs the statement with the archive's role, as the app does when it uses the archive. */
  const inArchive = (url: string, sql: string) =>
    run(url, `BEGIN; SELECT enter_archive(); ${sql}; COMMIT`);

  test("the archive role owns the archive's tables and sees no other table; from Postgres 16 on, the app reads them only as that role", async () => {
    const [, url] = await databaseOf("archiving", "CREATEROLE");
    await migrate(url);
    const owners =
      "SELECT DISTINCT pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relnamespace = 'rollcall_archive'::regnamespace AND relkind = 'r'";
    expect(await run(url, owners)).toEqual([{ owner: "rollcall_archive_database of archiving" }]);
    await inArchive(url, "INSERT INTO archive_lookup_key (wrapped_by, wrapped) VALUES ('a', '')");
    await expect(inArchive(url, "SELECT FROM public.users")).rejects.toThrow("permission denied");
    const isSeparate = await isSince(url, 16);
    const direct = run(url, "SELECT FROM rollcall_archive.archive_lookup_key");
    if (isSeparate) await expect(direct).rejects.toThrow("permission denied");
    else await expect(direct).resolves.toHaveLength(1);
  });

  test("without CREATEROLE, the archive uses the app's own role and migrate warns; a later migrate uses the archive role that an administrator created", async () => {
    const [admin, url] = await databaseOf("unarchived");
    const refusal = await refusalOf(url);
    const [first = "", ...rest] = refusal
      .split("\n")
      .filter((line) => /rollcall_archive/.test(line));
    expect(first).toContain('CREATE ROLE "rollcall_archive_database of unarchived" NOLOGIN;');
    await obey(admin, refusal.replace(first, "").replace(rest.join("\n"), ""));
    expect(await warningsOf(url)).toEqual([
      expect.stringContaining("every statement of the app may read them"),
    ]);
    await inArchive(url, "INSERT INTO archive_lookup_key (wrapped_by, wrapped) VALUES ('a', '')");
    await obey(admin, [first, ...rest].join("\n"));
    expect(await warningsOf(url)).toEqual([]);
    await inArchive(url, "UPDATE archive_lookup_key SET wrapped_by = 'b'");
    await expect(inArchive(url, "SELECT FROM public.users")).rejects.toThrow("permission denied");
  });

  test("migrate refuses a database whose encoding is not UTF8, before anything is changed", async () => {
    const url = Object.assign(new URL(postgres.url), { pathname: "/ascii" }).href;
    const provider = (await isSince(postgres.url, 15)) ? "LOCALE_PROVIDER libc" : "";
    await run(
      postgres.url,
      `CREATE DATABASE ascii ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' ${provider} TEMPLATE template0`,
    );
    await expect(migrate(url)).rejects.toThrow(/SQL_ASCII.*UTF8/);
  });

  test("migrate names a table of another program in the same schema as the cause of its failure", async () => {
    const [admin, url] = await databaseOf("neighbour", "CREATEROLE");
    await run(admin, "CREATE TABLE users (id int)");
    await expect(migrate(url)).rejects.toThrow(/"users" already exists.*\?schema=rollcall/);
    await migrate(`${url}?schema=rollcall`);
  });

  test("the viewer role may call our functions even if EXECUTE on new functions was revoked from PUBLIC", async () => {
    const [admin, url] = await databaseOf("hardened", "CREATEROLE");
    await run(
      admin,
      "ALTER DEFAULT PRIVILEGES FOR ROLE hardened REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
    );
    await migrate(url);
    await expect(readsAsViewer(url)).resolves.toEqual([]);
  });

  test("migrate succeeds as a role with a short statement_timeout, lock_timeout and idle_in_transaction_session_timeout", async () => {
    const [admin, url] = await databaseOf("limited", "CREATEROLE");
    for (const limit of [
      "statement_timeout",
      "lock_timeout",
      "idle_in_transaction_session_timeout",
    ])
      await run(admin, `ALTER ROLE limited SET ${limit} = '1ms'`);
    await migrate(url);
  });

  test("a renamed database keeps its viewer and reader roles, and migrate needs no new roles", async () => {
    const [admin, url] = await databaseOf("renamed");
    await obey(admin, await refusalOf(url));
    await migrate(url);
    await run(postgres.url, `ALTER DATABASE "database of renamed" RENAME TO "another name"`);
    const moved = Object.assign(new URL(url), { pathname: "/another name" }).href;
    await expect(migrate(moved)).resolves.toEqual({ applied: [] });
    await expect(readsAsViewer(moved)).resolves.toEqual([]);
  });

  test("migrate reports a read-only database as read-only", async () => {
    const admin = await createDatabase(postgres.url, "read only");
    await run(admin, `ALTER DATABASE "read only" SET default_transaction_read_only = on`);
    await expect(migrate(admin)).rejects.toThrow(/read-only.*Name the primary/s);
  });

  test("migrate without pg_trgm succeeds with a warning about search, and creates the indexes once pg_trgm is allowed", async () => {
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

  test("migrate with ?schema= creates the tables and _prisma_migrations in that schema, and nothing in public", async () => {
    const admin = await createDatabase(postgres.url, "with schema");
    await migrate(`${admin}?schema=rollcall`);
    const rows = await run(
      admin,
      "SELECT schemaname AS schema, count(*)::int > 5 AS many FROM pg_tables WHERE schemaname IN ('public', 'rollcall') GROUP BY 1",
    );
    expect(rows).toEqual([{ schema: "rollcall", many: true }]);
  });
});

/** Runs the migrations. Resolves to the message with which they are refused, or to an empty string if they succeed. */
async function refusalOf(url: string): Promise<string> {
  return migrate(url).then(
    () => "",
    (error: Error) => error.message,
  );
}

/** Runs, as the administrator, the SQL in the message of a refusal. */
async function obey(admin: string, refusal: string): Promise<void> {
  for (const sql of refusal.match(/^ {2}\S.*;$/gm) ?? []) await run(admin, sql);
}

async function isSince(admin: string, version: number): Promise<boolean> {
  const rows = await run(
    admin,
    `SELECT current_setting('server_version_num')::int / 10000 >= ${version} AS yes`,
  );
  return rows[0]?.yes === true;
}

/**
 * Returns the GRANT option that lets a member administer a role without becoming it. Before Postgres 16, no such option exists,
 * so the returned option allows both.
 */
async function adminOnly(admin: string): Promise<string> {
  return (await isSince(admin, 16)) ? " WITH ADMIN TRUE, SET FALSE" : " WITH ADMIN OPTION";
}

/** Runs the migrations. Resolves to the warnings that `npm run db:migrate` prints. */
async function warningsOf(url: string): Promise<string[]> {
  const lines: string[] = [];
  await migrate(url, { log: (line) => lines.push(line) });
  return lines.filter((line) => line.startsWith("warning: "));
}

/** Becomes the viewer role, as the API does, and resolves to the users that this role can read. */
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
