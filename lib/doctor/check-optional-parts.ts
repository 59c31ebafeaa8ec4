/**
 * Checks the parts of the schema that `npm run db:migrate` leaves out if the server refuses them. Everything else works without
 * these parts.
 */
import type pg from "pg";
import { z } from "zod";
import { type Finding, finding, ok } from "./finding";

const partsShape = z.object({
  role: z.string(),
  schema: z.string(),
  has_role: z.boolean(),
  has_schema: z.boolean(),
  is_granted: z.boolean(),
  has_trigrams: z.boolean(),
  has_indexes: z.boolean(),
});
type Parts = z.output<typeof partsShape>;

// The has_…_privilege functions raise an error for a missing role or schema. CASE keeps Postgres from calling them in that case.
const QUESTION = `
  SELECT role, schema, has_role, has_schema,
    CASE WHEN has_role AND has_schema THEN has_schema_privilege(role, schema, 'USAGE') AND NOT EXISTS (
      SELECT FROM pg_class WHERE relnamespace = to_regnamespace(quote_ident(schema)) AND relkind = 'v'
        AND NOT has_table_privilege(role, oid, 'SELECT')) ELSE false END AS is_granted,
    EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_trgm') AS has_trigrams,
    (SELECT count(*) = 2 FROM pg_class WHERE relnamespace = current_schema()::regnamespace
      AND relname IN ('users_search_idx', 'organizations_search_idx')) AS has_indexes
  FROM (SELECT reader_role() AS role, sql_contract_schema() AS schema) named, LATERAL (
    SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = role) AS has_role,
      EXISTS (SELECT FROM pg_namespace WHERE nspname = schema) AS has_schema) found`;

function checkReaders({ role, schema, has_role, has_schema, is_granted }: Parts): Finding {
  const check = "SQL contract";
  if (!has_schema) {
    return finding(
      "bad",
      check,
      `The schema ${schema} of the SQL contract does not exist: it was dropped.`,
      "Restore it from a backup; docs/sql.md describes it.",
    );
  }
  if (!has_role) {
    return finding(
      "warn",
      check,
      `There is no role ${role} for programs that read the SQL contract.`,
      `As an administrator: CREATE ROLE "${role}" NOLOGIN; then run \`npm run db:migrate\`.`,
    );
  }
  return is_granted
    ? ok(check, `The role ${role} may read every view in ${schema}.`)
    : finding(
        "warn",
        check,
        `The role ${role} may not read every view in ${schema}.`,
        "Run `npm run db:migrate`, which grants them.",
      );
}

function checkSearch({ has_trigrams, has_indexes }: Parts): Finding {
  const check = "Search";
  if (has_indexes) return ok(check, "Searches of users and organizations have their indexes.");
  return finding(
    "warn",
    check,
    "Searches give the same results, but read every row: they have no index.",
    has_trigrams
      ? "Run `npm run db:migrate`, which creates the indexes."
      : "Allow the extension pg_trgm at your host, or run as an administrator: CREATE EXTENSION pg_trgm; then run `npm run db:migrate`.",
  );
}

/** Requires a database to which all migrations are applied. */
export async function checkOptionalParts(client: pg.Client): Promise<Finding[]> {
  const parts = partsShape.parse((await client.query(QUESTION)).rows[0]);
  return [checkReaders(parts), checkSearch(parts)];
}
