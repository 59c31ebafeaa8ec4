/**
 * Tests the SQL contract on the oldest and the newest Postgres: the columns of its views, who may read them, and which rows they
 * return.
 */
import { readFileSync } from "node:fs";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf } from "../dev/checks/recipe";
import { createDatabase } from "../dev/postgres/server";
import { oldestAndNewest, type RunningPostgres } from "../dev/testing/postgres-versions";
import { migrate } from "./migrate";
import {
  contractDdl,
  contractMarkdown,
  contractTables,
  readContract,
  type SqlContract,
} from "./sql-contract";

type Rows = Record<string, unknown>[];

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

const run = (url: string, sql: string): Promise<Rows> =>
  withClient(url, async (client) => (await client.query(sql)).rows);

function as(url: string, username: string): string {
  return Object.assign(new URL(url), { username, password: "p" }).href;
}

/** Returns the tables of docs/sql.md, which have the form of `npm run db:ddl -- --markdown`. */
function documentedTables(): string {
  const text = readFileSync(new URL("../docs/sql.md", import.meta.url), "utf8");
  return text.slice(text.indexOf("\n## Views\n") + "\n## Views\n\n".length).trimEnd();
}

/**
 * The test data: two users in `org_ours`, one of them also in `org_theirs` with a third user. Also tombstones, a stub row, and
 * private metadata. No view may show the private metadata.
 */
const ROWS = `
  INSERT INTO users (id, version, email, is_email_verified, phone_number, email_addresses, phone_numbers, external_accounts, public_metadata, private_metadata)
    SELECT id, 1, id || '@example.com', true, '+15555550100',
      jsonb_build_array(
        jsonb_build_object('id', 'idn_1', 'email_address', id || '@example.com', 'verification', '{"status":"verified"}'::jsonb),
        jsonb_build_object('id', 'idn_2', 'email_address', 'second-' || id, 'verification', null), null),
      '[{"id":"idn_3","phone_number":"+15555550100","reserved_for_second_factor":true,"verification":{"status":"unverified"}}]',
      '[{"id":"eac_1","provider":"oauth_google","provider_user_id":"1","email_address":"g@example.com","verification":{"status":"verified"}}]',
      '{"plan":"pro"}', '{"note":"PRIVATE"}'
    FROM unnest(ARRAY['user_member', 'user_both', 'user_other']) id;
  INSERT INTO users (id, deleted, event_timestamp) VALUES ('user_deleted', true, 1790000000000), ('user_found', true, 0), ('user_undated', true, 9000000000000000000);
  INSERT INTO versions (object_table, object_id, user_id, deleted, version, event_timestamp, occurred_at, received_at)
    VALUES ('users', 'user_found', 'user_found', true, 0, 0, '2026-09-01Z', '2026-09-02Z');
  INSERT INTO users (id) VALUES ('user_stub');
  INSERT INTO organizations (id, version, deleted, name, private_metadata) SELECT id, 1, id = 'org_deleted', id, '{"note":"PRIVATE"}'
    FROM unnest(ARRAY['org_ours', 'org_theirs', 'org_deleted']) id;
  INSERT INTO memberships (id, version, user_id, organization_id, private_metadata) VALUES
    ('m1', 1, 'user_member', 'org_ours', '{"note":"PRIVATE"}'), ('m2', 1, 'user_both', 'org_ours', NULL), ('m3', 1, 'user_both', 'org_theirs', NULL),
    ('m4', 1, 'user_other', 'org_theirs', NULL), ('m5', 1, 'user_deleted', 'org_ours', NULL), ('m6', 1, 'user_member', 'org_deleted', NULL),
    ('m7', 1, 'user_stub', 'org_ours', NULL);
  INSERT INTO invitations (id, version, organization_id, email, private_metadata) VALUES
    ('i1', 1, 'org_ours', 'a@example.com', '{"note":"PRIVATE"}'), ('i2', 1, 'org_theirs', 'b@example.com', NULL), ('i3', 1, 'org_deleted', 'c@example.com', NULL);
  INSERT INTO subscriptions (id, version, user_id, organization_id) VALUES
    ('s1', 1, 'user_member', NULL), ('s2', 1, NULL, 'org_theirs'), ('s3', 1, 'user_deleted', NULL);
  INSERT INTO subscription_items (id, version, user_id, organization_id) VALUES
    ('p1', 1, 'user_member', NULL), ('p2', 1, NULL, 'org_theirs'), ('p3', 1, NULL, 'org_deleted');`;

/** For each view: the table whose rows it returns, the view's column with the id of the row (`key`), and all expected ids. */
const views = [
  {
    view: "live_users",
    table: "users",
    key: "id",
    all: ["user_both", "user_member", "user_other"],
  },
  {
    view: "live_organizations",
    table: "organizations",
    key: "id",
    all: ["org_ours", "org_theirs"],
  },
  { view: "live_memberships", table: "memberships", key: "id", all: ["m1", "m2", "m3", "m4"] },
  { view: "live_invitations", table: "invitations", key: "id", all: ["i1", "i2"] },
  { view: "live_subscriptions", table: "subscriptions", key: "id", all: ["s1", "s2"] },
  { view: "live_subscription_items", table: "subscription_items", key: "id", all: ["p1", "p2"] },
  {
    view: "user_email_addresses",
    table: "users",
    key: "user_id",
    all: ["user_both", "user_member", "user_other"],
  },
  {
    view: "user_phone_numbers",
    table: "users",
    key: "user_id",
    all: ["user_both", "user_member", "user_other"],
  },
  {
    view: "user_external_accounts",
    table: "users",
    key: "user_id",
    all: ["user_both", "user_member", "user_other"],
  },
  {
    view: "deleted_users",
    table: "users",
    key: "id",
    all: ["user_deleted", "user_found", "user_undated"],
  },
];

const viewers = [
  { viewer: "user_member", organizations: "org_ours" },
  { viewer: "user_both", organizations: "org_ours,org_theirs" },
  { viewer: "user_other", organizations: "org_theirs" },
  { viewer: "user_stub", organizations: "" },
  { viewer: "", organizations: "" },
  { viewer: "user_member", organizations: "*" },
];

describe.each(oldestAndNewest())("on Postgres ($version)", { timeout: 60_000 }, ({ start }) => {
  let postgres: RunningPostgres;
  /** Two URLs of the database: the administrator's, and that of the owner, a role with CREATEROLE. */
  let admin: string;
  let owner: string;
  let contract: SqlContract;

  beforeAll(async () => {
    postgres = await start();
    admin = await createDatabase(postgres.url, "app");
    await run(
      admin,
      `CREATE ROLE app LOGIN PASSWORD 'p' CREATEROLE; ALTER DATABASE app OWNER TO app;
       CREATE ROLE reports LOGIN PASSWORD 'p'; CREATE ROLE stranger LOGIN PASSWORD 'p'`,
    );
    owner = as(admin, "app");
    await migrate(owner);
    await run(owner, `${ROWS} GRANT rollcall_reader_app TO reports`);
    contract = await withClient(owner, readContract);
  }, 60_000);
  afterAll(() => postgres.stop(), 60_000);

  test("the views of a migrated database have exactly the columns of docs/sql.md", () => {
    expect(contractMarkdown(contract)).toBe(documentedTables());
  });

  test("the DDL printed by contractDdl creates the same contract again", async () => {
    const other = await createDatabase(postgres.url, "again");
    await migrate(other);
    const before = await withClient(other, readContract);
    await run(other, `DROP SCHEMA rollcall_sql CASCADE; ${contractDdl(before)}`);
    expect(await withClient(other, readContract)).toEqual(before);
  });

  test("the DDL printed by contractTables creates each view as a table with its columns in an empty database", async () => {
    const empty = await createDatabase(postgres.url, "empty");
    await run(empty, contractTables(contract));
    const columnsIn = (url: string) =>
      run(
        url,
        `SELECT table_name, column_name, data_type, col_description(format('rollcall_sql.%I', table_name)::regclass, ordinal_position) AS comment
         FROM information_schema.columns WHERE table_schema = 'rollcall_sql' ORDER BY table_name, ordinal_position`,
      );
    expect(await columnsIn(empty)).toEqual(await columnsIn(admin));
    const document = readFileSync(new URL("../docs/sql.md", import.meta.url), "utf8");
    const [queries] = blocksOf(document, "## Queries");
    // Fails if a documented query does, or if there is none.
    await run(empty, queries?.text ?? "none");
  });

  test("a login with the reader role sees every row that is not deleted, and no private metadata", async () => {
    const reader = as(admin, "reports");
    expect(views.map(({ view }) => view).sort()).toEqual(
      contract.views.map(({ name }) => name).sort(),
    );
    for (const { view, key, all } of views) {
      const rows = await run(reader, `SELECT * FROM rollcall_sql.${view}`);
      expect([...new Set(rows.map((row) => row[key]))].sort(), view).toEqual(all);
      expect(JSON.stringify(rows)).not.toContain("PRIVATE");
    }
  });

  test("the views return which addresses, numbers and accounts are primary and verified, and when a user was deleted", async () => {
    const reader = as(admin, "reports");
    const of = (view: string, columns: string) =>
      run(
        reader,
        `SELECT ${columns} FROM rollcall_sql.${view} WHERE user_id = 'user_member' ORDER BY id`,
      );
    expect(await of("user_email_addresses", "id, email_address, is_primary, is_verified")).toEqual([
      {
        id: "idn_1",
        email_address: "user_member@example.com",
        is_primary: true,
        is_verified: true,
      },
      { id: "idn_2", email_address: "second-user_member", is_primary: false, is_verified: false },
    ]);
    expect(await of("user_phone_numbers", "is_primary, is_verified, is_second_factor")).toEqual([
      { is_primary: true, is_verified: false, is_second_factor: true },
    ]);
    expect(await of("user_external_accounts", "provider, provider_user_id, is_verified")).toEqual([
      { provider: "oauth_google", provider_user_id: "1", is_verified: true },
    ]);
    expect(await run(reader, "SELECT * FROM rollcall_sql.deleted_users ORDER BY id")).toEqual([
      { id: "user_deleted", deleted_at: new Date(1_790_000_000_000) },
      { id: "user_found", deleted_at: new Date("2026-09-02") },
      { id: "user_undated", deleted_at: null },
    ]);
  });

  test("a login with the reader role can run every query of docs/sql.md", async () => {
    const document = readFileSync(new URL("../docs/sql.md", import.meta.url), "utf8");
    const [queries, ...others] = blocksOf(document, "## Queries");
    expect(others).toEqual([]);
    const statements = queries?.text.split(/;\n/).filter((sql) => sql.trim() !== "") ?? [];
    expect(statements.length).toBeGreaterThan(3);
    for (const sql of statements) await run(as(admin, "reports"), sql);
  });

  test("a login with the reader role is refused when it reads a table, writes, or creates objects", async () => {
    const reader = as(admin, "reports");
    const relations = await run(
      reader,
      `SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
       WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'rollcall_sql')
         AND has_schema_privilege(n.oid, 'USAGE') AND (has_table_privilege(c.oid, 'SELECT, INSERT, UPDATE, DELETE')
           OR has_any_column_privilege(c.oid, 'SELECT, INSERT, UPDATE'))`,
    );
    expect(relations).toEqual([]);
    for (const sql of [
      "SELECT id FROM users",
      "UPDATE rollcall_sql.live_users SET email = 'x'",
      "DELETE FROM rollcall_sql.deleted_users",
      "CREATE VIEW rollcall_sql.mine AS SELECT 1",
      "DROP VIEW rollcall_sql.live_users",
      "SET ROLE rollcall_viewer_app",
    ]) {
      await expect(run(reader, sql), sql).rejects.toThrow(/permission denied|must be owner/);
    }
  });

  test("a login without the reader role is refused when it uses the schema rollcall_sql", async () => {
    await expect(run(as(admin, "stranger"), "SELECT FROM rollcall_sql.live_users")).rejects.toThrow(
      "permission denied for schema rollcall_sql",
    );
  });

  test("the owner can grant the views to a login without the reader role", async () => {
    await run(admin, "CREATE ROLE warehouse LOGIN PASSWORD 'p'");
    await run(
      owner,
      "GRANT USAGE ON SCHEMA rollcall_sql TO warehouse; GRANT SELECT ON ALL TABLES IN SCHEMA rollcall_sql TO warehouse",
    );
    const rows = await run(as(admin, "warehouse"), "SELECT id FROM rollcall_sql.live_users");
    expect(rows).toHaveLength(3);
  });

  describe.each(viewers)("for the viewer %o", ({ viewer, organizations }) => {
    const settings = `SELECT set_config('rollcall.viewer', '${viewer}', true), set_config('rollcall.organizations', '${organizations}', true)`;

    /** Runs each query in a transaction with the viewer settings that the API sets. Resolves to the ids found by each query. */
    async function seen(queries: string[], role: string, login = owner): Promise<string[][]> {
      return withClient(login, async (client) => {
        await client.query(`BEGIN; ${settings}; ${role}`);
        const lists: string[][] = [];
        for (const query of queries) {
          const { rows } = await client.query<{ id: string }>(query);
          lists.push([...new Set(rows.map(({ id }) => id))].sort());
        }
        return lists;
      });
    }

    const asViewer = "SELECT set_config('role', viewer_role(), true)";
    const fromViews = views.map(({ view, key }) => `SELECT ${key} AS id FROM rollcall_sql.${view}`);
    const withUsage = `GRANT USAGE ON SCHEMA rollcall_sql TO rollcall_viewer_app; ${asViewer}`;

    test("in the API's transaction, a query on the views is refused with permission denied", async () => {
      await expect(seen(fromViews, asViewer)).rejects.toThrow("permission denied for schema");
    });

    test("the views return exactly the rows that row level security allows on the tables", async () => {
      const fromTables = views.map(({ table }) => `SELECT id FROM ${table}`);
      const visible = await seen(fromTables, asViewer);
      const expected = views.map(({ all }, i) => all.filter((id) => visible[i]?.includes(id)));
      expect(await seen(fromViews, withUsage)).toEqual(expected);
      const reader = viewer + organizations === "" ? views.map(({ all }) => all) : expected;
      expect(await seen(fromViews, "SELECT 1", as(admin, "reports"))).toEqual(reader);
    });
  });

  test("a foreign key to users needs no SELECT privilege, and stays valid after the deletion of the user", async () => {
    await run(admin, "CREATE ROLE team LOGIN PASSWORD 'p'; CREATE SCHEMA team AUTHORIZATION team");
    await run(owner, "GRANT REFERENCES (id) ON users TO team");
    const team = as(admin, "team");
    await run(team, "CREATE TABLE team.notes (user_id text NOT NULL REFERENCES public.users(id))");
    await run(team, "INSERT INTO team.notes VALUES ('user_other'), ('user_deleted')");
    await expect(run(team, "INSERT INTO team.notes VALUES ('user_nobody')")).rejects.toThrow(
      "foreign key",
    );
    await expect(run(team, "SELECT id FROM public.users")).rejects.toThrow("permission denied");
    await run(owner, "GRANT rollcall_reader_app TO team");
    expect(
      await run(
        team,
        "SELECT user_id FROM team.notes n JOIN rollcall_sql.deleted_users d ON d.id = n.user_id",
      ),
    ).toEqual([{ user_id: "user_deleted" }]);
  });

  test("migrate without CREATEROLE warns and succeeds, and grants the reader role its privileges once the role exists", async () => {
    const database = await createDatabase(postgres.url, "plain");
    await run(
      database,
      `CREATE ROLE plain LOGIN PASSWORD 'p'; ALTER DATABASE plain OWNER TO plain;
       CREATE ROLE rollcall_viewer_plain; GRANT rollcall_viewer_plain TO plain; CREATE ROLE late LOGIN PASSWORD 'p'`,
    );
    const lines: string[] = [];
    const migrateOnce = () => migrate(as(database, "plain"), { log: (line) => lines.push(line) });
    const warnings = () => lines.filter((line) => line.startsWith("warning:"));
    await migrateOnce();
    expect(warnings()).toEqual([
      expect.stringContaining(
        "administrator: CREATE ROLE rollcall_reader_plain NOLOGIN; then run npm run db:migrate again",
      ),
      expect.stringContaining("CREATE ROLE rollcall_archive_plain NOLOGIN"),
    ]);
    lines.length = 0;
    await run(
      database,
      "CREATE ROLE rollcall_reader_plain NOLOGIN; GRANT rollcall_reader_plain TO late",
    );
    await expect(run(as(database, "late"), "SELECT FROM rollcall_sql.live_users")).rejects.toThrow(
      "permission denied",
    );
    await migrateOnce();
    expect(warnings()).toEqual([expect.stringContaining("rollcall_archive_plain")]);
    expect(await run(as(database, "late"), "SELECT FROM rollcall_sql.live_users")).toEqual([]);
  });

  test("each schema of tables has its own schema of views, and readers need no search_path", async () => {
    const database = await createDatabase(postgres.url, "two schemas");
    await migrate(`${database}?schema=rollcall`);
    await migrate(`${database}?schema=${"x".repeat(63)}`);
    const schemas = await run(
      database,
      "SELECT nspname AS name FROM pg_namespace WHERE nspname LIKE 'rollcall\\_sql%' ORDER BY length(nspname)",
    );
    expect(schemas).toEqual([
      { name: "rollcall_sql_rollcall" },
      { name: expect.stringMatching(/^rollcall_sql_[0-9a-f]{32}$/) },
    ]);
    await run(
      database,
      `SET search_path = rollcall; INSERT INTO users (id, version) VALUES ('user_1', 1); CREATE ROLE elsewhere LOGIN PASSWORD 'p';
      GRANT "rollcall_reader_two schemas" TO elsewhere`,
    );
    const reader = as(database, "elsewhere");
    expect(await run(reader, "SELECT id FROM rollcall_sql_rollcall.live_users")).toEqual([
      { id: "user_1" },
    ]);
    await expect(run(reader, "SELECT FROM rollcall.users")).rejects.toThrow("permission denied");
  });

  test("the lookups in docs/sql.md use an index", async () => {
    const database = await createDatabase(postgres.url, "large", { template: "app" });
    await run(
      database,
      `INSERT INTO users (id, version, email, external_id, created_at)
         SELECT 'user_' || n, 1, n || '@example.com', n, now() - n * interval '1 s' FROM generate_series(1, 20000) n;
       INSERT INTO organizations (id, version, created_at) SELECT 'org_' || n, 1, now() FROM generate_series(1, 5000) n;
       INSERT INTO memberships (id, version, user_id, organization_id, created_at)
         SELECT 'm_' || n, 1, 'user_' || n, 'org_' || (n % 5000 + 1), now() FROM generate_series(1, 20000) n;
       ANALYZE`,
    );
    const reader = as(database, "reports");
    for (const query of [
      "live_users WHERE id = 'user_7'",
      "live_users WHERE email = '7@example.com'",
      "live_users WHERE external_id = '7'",
      "live_users ORDER BY created_at DESC NULLS LAST, id DESC LIMIT 10",
      "live_users WHERE created_at > now() - interval '5 s'",
      "deleted_users WHERE id = 'user_7'",
      "deleted_users",
      "live_memberships WHERE user_id = 'user_7'",
      "live_memberships WHERE organization_id = 'org_7'",
      "user_email_addresses WHERE user_id = 'user_7'",
    ]) {
      const rows = await run(reader, `EXPLAIN SELECT * FROM rollcall_sql.${query}`);
      const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
      // Ignores subplans: they belong to the policies of the viewer role, and never run for a login with the reader role.
      expect(plan.replaceAll(/SubPlan[\s\S]*$/gm, ""), query).not.toMatch(/Seq Scan on users/);
    }
  });
});
