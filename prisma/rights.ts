/**
 * Checks before the first migration that Rollcall can run on the server with the migrating role, so that no migration fails
 * half-way. If the role lacks privileges, the error contains the SQL that an administrator must run once.
 */
import pg from "pg";
import { z } from "zod";
import { UserError } from "../lib/errors";

const shape = z.object({
  role: z.string(),
  loginRole: z.string(),
  database: z.string(),
  schema: z.string().nullable(),
  searchPath: z.string(),
  version: z.coerce.number(),
  encoding: z.string(),
  isReadOnly: z.boolean(),
  mayUseSchema: z.boolean().nullable(),
  mayCreateSchemas: z.boolean(),
  viewerRole: z.string(),
  hasViewerRole: z.boolean(),
  mayMakeRoles: z.boolean(),
  mayBecomeViewer: z.boolean(),
  readerRole: z.string(),
  hasReaderRole: z.boolean(),
  archiveRole: z.string(),
  hasArchiveRole: z.boolean(),
  foreignSettings: z.array(z.object({ name: z.string(), value: z.string() })),
  closedExtension: z.string().nullable(),
  foreignObjects: z.array(z.string()),
});
type Found = z.output<typeof shape>;

/** The oldest supported major version. Postgres 13 reached its end of life in 2025, and is not tested. */
const OLDEST = 14;

/** SQL: settings of a role or a database that change what our statements mean. `value` is the value that Rollcall requires. */
const SETTINGS = `(VALUES
    ('DateStyle', 'ISO, MDY', current_setting('DateStyle') LIKE 'ISO%'),
    ('standard_conforming_strings', 'on', current_setting('standard_conforming_strings') = 'on'),
    ('row_security', 'on', current_setting('row_security') = 'on'),
    ('default_transaction_isolation', 'read committed', current_setting('default_transaction_isolation') = 'read committed')
  ) AS s (name, value, is_expected)`;

const IS_16 = "current_setting('server_version_num')::int >= 160000";

/** SQL: the argument with which pg_has_role tests the privilege to become a role. Before Postgres 16, every member has it. */
const BECOME = `CASE WHEN ${IS_16} THEN 'SET' ELSE 'MEMBER' END`;

/**
 * Finds the objects that the migrating role does not own, and selects for each the statement that an administrator must run. Only
 * the owner may alter an object, as migrations do. Checks our objects in the schema of the tables, by name ($1), the worker's
 * queue, and the schemas of the SQL contract and the archive. Does not check the views of the SQL contract, which the viewer role
 * owns. The archive role owns the tables of the archive, so the migrating role must be able to become the archive role.
 */
const FOREIGN_OBJECTS = `
  SELECT format('ALTER SCHEMA %I OWNER TO %I;', n.nspname, current_user) AS sql
  FROM pg_namespace n, contract, queue, archive WHERE n.nspname IN (queue.schema, contract.schema, archive.schema) AND NOT pg_has_role(current_user, n.nspowner, 'USAGE')
  UNION ALL
  SELECT format('ALTER %s %I.%I OWNER TO %I;', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'c' THEN 'TYPE' ELSE 'TABLE' END,
    n.nspname, c.relname, current_user)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'S', 'c') AND NOT pg_has_role(current_user, c.relowner, 'USAGE')
    AND (n.nspname = queue.schema OR (n.nspname = current_schema() AND c.relname = ANY ($1::text[]) AND book.is_ours))
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i') AND c.relkind = 'S')
  UNION ALL
  SELECT format('ALTER FUNCTION %I.%I(%s) OWNER TO %I;', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid), current_user)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE NOT pg_has_role(current_user, p.proowner, 'USAGE')
    AND (n.nspname = queue.schema OR (n.nspname = current_schema() AND p.proname = ANY ($1::text[]) AND book.is_ours))
  UNION ALL
  SELECT DISTINCT CASE WHEN r.rolcanlogin THEN format('ALTER TABLE %I.%I OWNER TO %I;', n.nspname, c.relname, current_user)
    ELSE format('GRANT %I TO %I', r.rolname, current_user) || CASE WHEN ${IS_16} THEN ' WITH INHERIT FALSE, SET TRUE;' ELSE ';' END END
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_roles r ON r.oid = c.relowner JOIN archive ON archive.schema = n.nspname
  WHERE c.relkind = 'r' AND NOT pg_has_role(current_user, c.relowner, ${BECOME})`;

/**
 * Selects the facts to check. $1: the names of our tables, views and functions. $2 to $4: the viewer role, the reader role and
 * the archive role of earlier migrations, or null. For a role that is null, and for the schemas, the query computes the name that
 * the migrations will choose.
 */
const QUESTIONS = `
  WITH viewer AS (
    SELECT coalesce($2, CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_viewer_' || current_database()
      ELSE 'rollcall_viewer_' || md5(current_database()) END) AS name
  ), reader AS (
    SELECT coalesce($3, CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_reader_' || current_database()
      ELSE 'rollcall_reader_' || md5(current_database()) END) AS name
  ), owner AS (
    SELECT coalesce($4, CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_archive_' || current_database()
      ELSE 'rollcall_archive_' || md5(current_database()) END) AS name
  ), contract AS (
    SELECT CASE WHEN current_schema() = 'public' THEN 'rollcall_sql'
      WHEN octet_length(current_schema()) <= 50 THEN 'rollcall_sql_' || current_schema()
      ELSE 'rollcall_sql_' || md5(current_schema()) END AS schema
  ), queue AS (
    SELECT CASE WHEN current_schema() = 'public' THEN 'graphile_worker'
      WHEN octet_length(current_schema()) <= 47 THEN 'graphile_worker_' || current_schema()
      ELSE 'graphile_worker_' || md5(current_schema()) END AS schema
  ), archive AS (
    SELECT CASE WHEN current_schema() = 'public' THEN 'rollcall_archive'
      WHEN octet_length(current_schema()) <= 46 THEN 'rollcall_archive_' || current_schema()
      ELSE 'rollcall_archive_' || md5(current_schema()) END AS schema
  ), book AS (
    SELECT to_regprocedure('sees_everything()') IS NOT NULL AS is_ours
  )
  SELECT current_user AS role, session_user AS "loginRole", current_database() AS database, current_schema() AS schema,
    current_setting('search_path') AS "searchPath",
    current_setting('server_version_num')::int / 10000 AS version, current_setting('server_encoding') AS encoding,
    pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "isReadOnly",
    has_schema_privilege(current_schema(), 'CREATE') AS "mayUseSchema",
    has_database_privilege(current_database(), 'CREATE')
      OR (SELECT count(*) = 3 FROM pg_namespace WHERE nspname IN (queue.schema, contract.schema, archive.schema)) AS "mayCreateSchemas",
    viewer.name AS "viewerRole", r.oid IS NOT NULL AS "hasViewerRole",
    me.rolsuper OR me.rolcreaterole AS "mayMakeRoles",
    coalesce(pg_has_role(current_user, r.oid, ${BECOME}), false) AS "mayBecomeViewer",
    reader.name AS "readerRole", EXISTS (SELECT FROM pg_roles WHERE rolname = reader.name) AS "hasReaderRole",
    owner.name AS "archiveRole", EXISTS (SELECT FROM pg_roles WHERE rolname = owner.name) AS "hasArchiveRole",
    (SELECT coalesce(json_agg(json_build_object('name', s.name, 'value', s.value)), '[]') FROM ${SETTINGS} WHERE NOT s.is_expected) AS "foreignSettings",
    (SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace
      WHERE e.extname = 'pg_trgm' AND NOT has_schema_privilege(n.oid, 'USAGE')) AS "closedExtension",
    (SELECT coalesce(json_agg(o.sql), '[]') FROM (${FOREIGN_OBJECTS}) o) AS "foreignObjects"
  FROM contract, queue, archive, book, reader, owner, viewer JOIN pg_roles me ON me.rolname = current_user LEFT JOIN pg_roles r ON r.rolname = viewer.name`;

/**
 * Resolves to the name of the role that an earlier migration created, or to null before that migration. The name stays the same
 * when the database is renamed.
 */
async function earlierRole(
  client: pg.ClientBase,
  call: "viewer_role()" | "reader_role()" | "archive_role()",
): Promise<string | null> {
  const { rows } = await client.query("SELECT to_regprocedure($1) AS found", [call]);
  if (rows[0]?.found === null) return null;
  return (await client.query<{ name: string }>(`SELECT ${call} AS name`)).rows[0]?.name ?? null;
}

/**
 * @param label The name of the database in the message.
 * @param names The names of the tables, views and functions that the migrations create.
 * @throws UserError if a migration would be refused.
 */
export async function requireRights(
  client: pg.ClientBase,
  label: string,
  names: string[],
): Promise<void> {
  const roles = [
    await earlierRole(client, "viewer_role()"),
    await earlierRole(client, "reader_role()"),
    await earlierRole(client, "archive_role()"),
  ];
  const found = shape.parse((await client.query(QUESTIONS, [names, ...roles])).rows[0]);
  const unfit = unfitness(found);
  if (unfit) throw new UserError(`The database ${label} ${unfit}`);
  const missing = missingRights(found);
  if (missing.length === 0) return;
  throw new UserError(
    `The role ${found.role} may not migrate the database ${label}. Nothing was changed. Run once as an administrator, in that database:\n\n${[...missing, ...missingOptionalRoles(found)].map((sql) => `  ${sql}`).join("\n")}\n`,
  );
}

/** Returns a problem of the database that no GRANT can solve, or null. */
function unfitness({ version, encoding, isReadOnly, schema, searchPath }: Found): string | null {
  if (version < OLDEST) return `is Postgres ${version}; Rollcall needs ${OLDEST} or newer.`;
  if (encoding !== "UTF8") {
    return `stores text as ${encoding}; Rollcall needs UTF8. Create another one: CREATE DATABASE name ENCODING 'UTF8' TEMPLATE template0;`;
  }
  if (isReadOnly) {
    return "is read-only: a standby, or a server that refuses writes. Name the primary in DATABASE_URL.";
  }
  if (schema === null) {
    return `has no schema for the tables: none of this role's search_path (${searchPath}) exists, or the role may use none of them. Name one in DATABASE_URL, such as ?schema=public.`;
  }
  return null;
}

function missingRights(found: Found): string[] {
  const [role, database] = [pg.escapeIdentifier(found.role), pg.escapeIdentifier(found.database)];
  const viewer = pg.escapeIdentifier(found.viewerRole);
  const canHaveViewer = found.hasViewerRole ? found.mayBecomeViewer : found.mayMakeRoles;
  // Since Postgres 16, a GRANT of a role can exclude the right to become the role. Granting the role again does not add that
  // right unless SET TRUE is given.
  const withSet = found.version >= 16 ? " WITH SET TRUE" : "";
  const login = pg.escapeIdentifier(found.loginRole);
  return [
    ...(found.mayUseSchema
      ? []
      : [
          `GRANT USAGE, CREATE ON SCHEMA ${pg.escapeIdentifier(found.schema ?? "public")} TO ${role};`,
        ]),
    ...(found.mayCreateSchemas ? [] : [`GRANT CREATE ON DATABASE ${database} TO ${role};`]),
    ...(found.hasViewerRole || canHaveViewer ? [] : [`CREATE ROLE ${viewer} NOLOGIN;`]),
    ...(canHaveViewer ? [] : [`GRANT ${viewer} TO ${role}${withSet};`]),
    ...(found.closedExtension === null
      ? []
      : [`GRANT USAGE ON SCHEMA ${pg.escapeIdentifier(found.closedExtension)} TO ${role};`]),
    ...found.foreignSettings.map(({ name, value }) => {
      const literal = value.split(", ").map(pg.escapeLiteral).join(", ");
      return `ALTER ROLE ${login} IN DATABASE ${database} SET ${name} = ${literal};`;
    }),
    ...found.foreignObjects,
  ];
}

/**
 * Returns the SQL that creates the reader role and the archive role, if the migrating role may not create roles. Migrations
 * succeed without these two roles. But an administrator who must run other SQL anyway can create them too.
 */
function missingOptionalRoles(found: Found): string[] {
  if (found.mayMakeRoles) return [];
  const [reader, archive] = [found.readerRole, found.archiveRole].map(pg.escapeIdentifier);
  const options = found.version >= 16 ? " WITH INHERIT FALSE, SET TRUE" : "";
  return [
    ...(found.hasReaderRole ? [] : [`CREATE ROLE ${reader} NOLOGIN;`]),
    ...(found.hasArchiveRole
      ? []
      : [
          `CREATE ROLE ${archive} NOLOGIN;`,
          `GRANT ${archive} TO ${pg.escapeIdentifier(found.role)}${options};`,
        ]),
  ];
}

/**
 * Grants EXECUTE on our functions to the viewer role and the reader role. Row level security policies call our functions with the
 * privileges of the role that reads. By default, every role may call a function, but an administrator may have revoked that.
 */
export async function grantFunctions(client: pg.ClientBase, names: string[]): Promise<void> {
  const roles = [
    await earlierRole(client, "viewer_role()"),
    await earlierRole(client, "reader_role()"),
  ];
  const { rows } = await client.query<{ sql: string }>(
    `SELECT format('GRANT EXECUTE ON FUNCTION %s TO %I', p.oid::regprocedure, r.rolname) AS sql
     FROM pg_proc p, pg_roles r
     WHERE p.pronamespace = current_schema()::regnamespace AND p.proname = ANY ($1::text[]) AND r.rolname = ANY ($2::text[])
       AND NOT has_function_privilege(r.oid, p.oid, 'EXECUTE')`,
    [names, roles],
  );
  for (const { sql } of rows) await client.query(sql);
}
