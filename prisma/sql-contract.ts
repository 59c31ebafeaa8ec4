/**
 * Prints the SQL contract of a database: `npm run db:ddl`, with DATABASE_URL. Reads the contract from the catalogue of the
 * database, so the output shows the views as they exist there. `-- --tables` prints the views as empty tables, for a database
 * without Rollcall's tables. `-- --markdown` prints the tables of docs/sql.md.
 */
import { pathToFileURL } from "node:url";
import pg from "pg";
import { z } from "zod";
import { loadDevStack } from "../lib/command/dev-stack";
import { runMain, UserError } from "../lib/errors";
import { connectTo, databaseUrlOfEnvironment } from "./migrate";

const columnShape = z.object({ name: z.string(), type: z.string(), comment: z.string() });
const viewShape = z.object({
  name: z.string(),
  comment: z.string(),
  owner: z.string(),
  definition: z.string(),
  columns: z.array(columnShape),
});
const contractShape = z.object({
  schema: z.string(),
  role: z.string(),
  hasRole: z.boolean(),
  views: z.array(viewShape),
});
export type SqlContract = z.output<typeof contractShape>;

/**
 * Lists the views in the order of their object ids. A view that reads another view was created after it, so this order respects
 * dependencies.
 */
const CATALOGUE = `
  SELECT $1::text AS schema, $2::text AS role, EXISTS (SELECT FROM pg_roles WHERE rolname = $2::text) AS "hasRole",
    coalesce((
      SELECT json_agg(json_build_object(
        'name', c.relname, 'comment', coalesce(obj_description(c.oid, 'pg_class'), ''), 'owner', pg_get_userbyid(c.relowner),
        'definition', pg_get_viewdef(c.oid, true),
        'columns', (
          SELECT json_agg(json_build_object(
            'name', a.attname,
            'type', replace(format_type(a.atttypid, NULL), 'timestamp with time zone', 'timestamptz'),
            'comment', coalesce(col_description(c.oid, a.attnum), '')
          ) ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        )
      ) ORDER BY c.oid)
      FROM pg_class c WHERE c.relnamespace = to_regnamespace(quote_ident($1::text)) AND c.relkind = 'v'
    ), '[]') AS views`;

/** Reads the SQL contract from the catalogue of the database. @throws UserError if the database has no contract yet. */
export async function readContract(client: pg.ClientBase): Promise<SqlContract> {
  const { rows: found } = await client.query<{ exists: boolean }>(
    "SELECT to_regprocedure('sql_contract_schema()') IS NOT NULL AS exists",
  );
  if (!found[0]?.exists) {
    throw new UserError("The database has no SQL contract yet: run npm run db:migrate first.");
  }
  const { rows: names } = await client.query<{ schema: string; role: string }>(
    "SELECT sql_contract_schema() AS schema, reader_role() AS role",
  );
  // With this search_path, Postgres prints the view definitions with the schema of every table.
  await client.query("BEGIN READ ONLY; SET LOCAL search_path = pg_catalog");
  try {
    const { rows } = await client.query(CATALOGUE, [names[0]?.schema, names[0]?.role]);
    return contractShape.parse(rows[0]);
  } finally {
    await client.query("ROLLBACK");
  }
}

const { escapeIdentifier: name, escapeLiteral: literal } = pg;

function commentsDdl(kind: "VIEW" | "TABLE", fullName: string, view: SqlContract["views"][number]) {
  return [
    `COMMENT ON ${kind} ${fullName} IS ${literal(view.comment)};`,
    ...view.columns.map(
      (column) =>
        `COMMENT ON COLUMN ${fullName}.${name(column.name)} IS ${literal(column.comment)}; -- ${column.type}`,
    ),
  ];
}

/** Returns SQL that creates the contract in a database that has Rollcall's tables. A superuser must run it. */
export function contractDdl({ schema, role, hasRole, views }: SqlContract): string {
  const viewDdl = views.map((view) => {
    const fullName = `${name(schema)}.${name(view.name)}`;
    return [
      `CREATE VIEW ${fullName} AS\n${view.definition}`,
      `ALTER VIEW ${fullName} OWNER TO ${name(view.owner)};`,
      ...commentsDdl("VIEW", fullName, view),
    ].join("\n");
  });
  return [
    "-- The SQL contract of Rollcall: docs/sql.md says what is promised.\n-- It needs Rollcall's tables. For a database without them: npm run db:ddl -- --tables.",
    `CREATE SCHEMA ${name(schema)};`,
    ...viewDdl,
    [
      hasRole
        ? "-- The role of the readers; GRANT it TO a login."
        : "-- This server has no role for the readers: an administrator creates it, then npm run db:migrate grants it.",
      `${hasRole ? "-- " : ""}CREATE ROLE ${name(role)} NOLOGIN;`,
      `GRANT USAGE ON SCHEMA ${name(schema)} TO ${name(role)};`,
      `GRANT SELECT ON ALL TABLES IN SCHEMA ${name(schema)} TO ${name(role)};`,
    ].join("\n"),
  ].join("\n\n");
}

/**
 * Returns SQL that creates each view as an empty table with the same columns, in a database without Rollcall's tables. Any role that
 * may create a schema can run it.
 */
export function contractTables({ schema, views }: SqlContract): string {
  const tables = views.map((view) => {
    const fullName = `${name(schema)}.${name(view.name)}`;
    const columns = view.columns.map((column) => `  ${name(column.name)} ${column.type}`);
    return [
      `CREATE TABLE ${fullName} (\n${columns.join(",\n")}\n);`,
      ...commentsDdl("TABLE", fullName, view),
    ].join("\n");
  });
  return [
    "-- The views of Rollcall's SQL contract as empty tables, for tests of programs that read them: docs/sql.md.",
    `CREATE SCHEMA ${name(schema)};`,
    ...tables,
  ].join("\n\n");
}

/** Returns the tables of docs/sql.md. */
export function contractMarkdown({ views }: SqlContract): string {
  return views
    .map((view) => {
      const rows = view.columns.map(
        (column) => `| \`${column.name}\` | \`${column.type}\` | ${column.comment} |`,
      );
      const head = ["| column | type | |", "|---|---|---|"];
      return [`### \`${view.name}\``, "", view.comment, "", ...head, ...rows].join("\n");
    })
    .join("\n\n");
}

const printers = new Map<string | undefined, (contract: SqlContract) => string>([
  [undefined, contractDdl],
  ["--tables", contractTables],
  ["--markdown", contractMarkdown],
]);

async function main([flag, ...rest]: string[]): Promise<void> {
  const printed = printers.get(flag);
  if (!printed || rest.length > 0) {
    throw new UserError("Usage: npm run db:ddl -- [--tables | --markdown]");
  }
  loadDevStack();
  const { url, variable } = databaseUrlOfEnvironment();
  const client = await connectTo(url, variable);
  try {
    console.log(printed(await readContract(client)));
  } finally {
    await client.end();
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await runMain(() => main(process.argv.slice(2)));
}
