/** Looks for strings in every stored column of a database: all schemas, partitions, JSON, arrays and raw bytes included. */
import { database } from "@/lib/db";

const COLUMNS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS "table", format('%I.%I', n.nspname, coalesce(p.relname, c.relname)) AS "name",
    quote_ident(a.attname) AS "column", a.atttypid = 'bytea'::regtype AS "isBytes"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY 1, 2`;

/** `name` is the name of the table; of a partition, that of the partitioned table. */
type Column = { table: string; name: string; column: string; isBytes: boolean };

/** The text of a column. Bytes are searched twice: 'escape' leaves ASCII readable, and the cast prints hexadecimal digits. */
const textOf = ({ column, isBytes }: Column) =>
  isBytes
    ? `coalesce(encode(${column}, 'escape') || ${column}::text, '')`
    : `coalesce(${column}::text, '')`;

/** Resolves to the strings that the texts of a table contain. Each row's text is computed once for all strings. */
async function search(table: string, text: string, needles: string[]): Promise<string[]> {
  const { rows } = await database().pool.query<{ needle: string }>(
    `SELECT needle FROM unnest($1::text[]) AS needle WHERE lower(needle) IN (
       SELECT wanted FROM (SELECT lower(${text}) AS line FROM ${table} OFFSET 0) AS lines
       JOIN unnest(ARRAY(SELECT lower(n) FROM unnest($1::text[]) AS n)) AS wanted ON position(wanted IN line) > 0)`,
    [needles],
  );
  return rows.map(({ needle }) => needle);
}

/** Resolves to each place that contains one of the strings, in upper or lower case, as `schema.table.column: string`. */
export async function findInDatabase(needles: string[]): Promise<string[]> {
  const { rows } = await database().pool.query<Column>(COLUMNS);
  const found: string[] = [];
  for (const table of new Set(rows.map((row) => row.table))) {
    const columns = rows.filter((row) => row.table === table);
    const whole = columns.map(textOf).join(" || E'\\n' || ");
    if ((await search(table, whole, needles)).length === 0) continue;
    for (const column of columns) {
      const inColumn = await search(table, textOf(column), needles);
      found.push(...inColumn.map((needle) => `${column.name}.${column.column}: ${needle}`));
    }
  }
  return found;
}
