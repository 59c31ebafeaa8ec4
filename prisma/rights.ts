/**
 * Checks before the first migration that the role has the rights to migrate the database, so that no migration fails half-way.
 * If not, the error has the SQL that an administrator must run once.
 */
import pg from "pg";
import { z } from "zod";
import { UserError } from "../lib/errors";

const shape = z.object({
  role: z.string(),
  database: z.string(),
  schema: z.string().nullable(),
  version: z.coerce.number(),
  isReadOnly: z.boolean(),
  mayUseSchema: z.boolean().nullable(),
  mayCreateSchemas: z.boolean(),
  viewerRole: z.string(),
  hasViewerRole: z.boolean(),
  mayMakeRoles: z.boolean(),
  isMember: z.boolean(),
  readerRole: z.string(),
  hasReaderRole: z.boolean(),
});

/** Postgres 13 ended in 2025; nothing here is tested on it. */
const OLDEST = 14;

/** The names of the roles and of the schema are those that the migrations give. */
const QUESTIONS = `
  WITH viewer AS (
    SELECT CASE WHEN octet_length(current_database()) <= 40 THEN 'rollcall_viewer_' || current_database()
      ELSE 'rollcall_viewer_' || md5(current_database()) END AS name
  ), contract AS (
    SELECT CASE WHEN current_schema() = 'public' THEN 'rollcall_sql'
      WHEN octet_length(current_schema()) <= 50 THEN 'rollcall_sql_' || current_schema()
      ELSE 'rollcall_sql_' || md5(current_schema()) END AS schema,
      replace(viewer.name, 'rollcall_viewer_', 'rollcall_reader_') AS reader FROM viewer
  )
  SELECT current_user AS role, current_database() AS database, current_schema() AS schema,
    current_setting('server_version_num')::int / 10000 AS version,
    pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS "isReadOnly",
    has_schema_privilege(current_schema(), 'CREATE') AS "mayUseSchema",
    has_database_privilege(current_database(), 'CREATE')
      OR (SELECT count(*) = 2 FROM pg_namespace WHERE nspname IN ('graphile_worker', contract.schema)) AS "mayCreateSchemas",
    viewer.name AS "viewerRole", r.oid IS NOT NULL AS "hasViewerRole",
    me.rolsuper OR me.rolcreaterole AS "mayMakeRoles",
    coalesce(pg_has_role(current_user, r.oid, 'MEMBER'), false) AS "isMember",
    contract.reader AS "readerRole", EXISTS (SELECT FROM pg_roles WHERE rolname = contract.reader) AS "hasReaderRole"
  FROM contract, viewer JOIN pg_roles me ON me.rolname = current_user LEFT JOIN pg_roles r ON r.rolname = viewer.name`;

/** @throws UserError when a migration would be refused. `label` names the database in the message. */
export async function requireRights(client: pg.ClientBase, label: string): Promise<void> {
  const found = shape.parse((await client.query(QUESTIONS)).rows[0]);
  if (found.version < OLDEST) {
    throw new UserError(
      `The database ${label} is Postgres ${found.version}; Rollcall needs ${OLDEST} or newer.`,
    );
  }
  if (found.isReadOnly) {
    throw new UserError(
      `The database ${label} is read-only: a standby, or a server that refuses writes. Name the primary in DATABASE_URL.`,
    );
  }
  const missing = missingRights(found);
  if (missing.length === 0) return;
  throw new UserError(
    `The role ${found.role} may not migrate the database ${label}. Nothing was changed. Run once as an administrator, in that database:\n\n${[...missing, ...missingReader(found)].map((sql) => `  ${sql}`).join("\n")}\n`,
  );
}

function missingRights(found: z.output<typeof shape>): string[] {
  const [role, database] = [pg.escapeIdentifier(found.role), pg.escapeIdentifier(found.database)];
  const viewer = pg.escapeIdentifier(found.viewerRole);
  const canHaveViewer = found.hasViewerRole ? found.isMember : found.mayMakeRoles;
  return [
    ...(found.mayUseSchema
      ? []
      : [
          `GRANT USAGE, CREATE ON SCHEMA ${pg.escapeIdentifier(found.schema ?? "public")} TO ${role};`,
        ]),
    ...(found.mayCreateSchemas ? [] : [`GRANT CREATE ON DATABASE ${database} TO ${role};`]),
    ...(found.hasViewerRole || canHaveViewer ? [] : [`CREATE ROLE ${viewer} NOLOGIN;`]),
    ...(canHaveViewer ? [] : [`GRANT ${viewer} TO ${role};`]),
  ];
}

/** Migrations succeed without the role of the readers; an administrator who runs other SQL can create it at once. */
function missingReader(found: z.output<typeof shape>): string[] {
  if (found.hasReaderRole || found.mayMakeRoles) return [];
  return [`CREATE ROLE ${pg.escapeIdentifier(found.readerRole)} NOLOGIN;`];
}
