/** Looks for strings in every stored column of a database: all schemas, JSON, arrays and raw bytes included. */
import { database } from "@/lib/db";

const COLUMNS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS "table", quote_ident(a.attname) AS "column", a.atttypid = 'bytea'::regtype AS "isBytes"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY 1, 2`;

type Column = { table: string; column: string; isBytes: boolean };

/** Resolves to each place that contains one of the strings, in upper or lower case, as `schema.table.column: string`. */
export async function findInDatabase(needles: string[]): Promise<string[]> {
  const { pool } = database();
  const { rows: columns } = await pool.query<Column>(COLUMNS);
  const found: string[] = [];
  for (const { table, column, isBytes } of columns) {
    // 'escape' leaves ASCII readable in bytes that are no text.
    const text = isBytes ? `encode(${column}, 'escape')` : `${column}::text`;
    const { rows } = await pool.query<{ needle: string }>(
      `SELECT needle FROM unnest($1::text[]) AS needle
       WHERE EXISTS (SELECT FROM ${table} WHERE position(lower(needle) IN lower(${text})) > 0)`,
      [needles],
    );
    found.push(...rows.map(({ needle }) => `${table}.${column}: ${needle}`));
  }
  return found;
}
