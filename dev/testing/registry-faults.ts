/**
 * Compares the registry of personal data with a database. A verdict says what an erasure does with a column. Finds columns
 * without a verdict, and verdicts without a column. Also finds foreign keys that block an erasure, or that would delete rows that
 * must be kept.
 */
import { database } from "@/lib/db";
import { registry } from "@/lib/erasure/registry";
import type { TableEntry, Verdict } from "@/lib/erasure/table-entry";

/** Selects every stored column outside the system schemas. Views store nothing, and a partition has the columns of its table. */
const COLUMNS = `
  SELECT CASE WHEN n.nspname = current_schema() THEN c.relname ELSE n.nspname || '.' || c.relname END AS "table", a.attname AS "column"
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  WHERE c.relkind IN ('r', 'p', 'm', 'f') AND NOT c.relispartition AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
  ORDER BY 1, 2`;

const FOREIGN_KEYS = `
  SELECT conname AS name, conrelid::regclass::text AS child, confrelid::regclass::text AS parent, confdeltype AS action
  FROM pg_constraint WHERE contype = 'f' ORDER BY 1`;

type ForeignKey = { name: string; child: string; parent: string; action: string };

const isKept = (verdict: Verdict) => verdict !== "erased";

function columnFaults(live: { table: string; column: string }[]): string[] {
  const inDatabase = new Set(live.map(({ table, column }) => `${table}.${column}`));
  const inRegistry = new Set(
    registry.flatMap(({ table, columns }) =>
      Object.keys(columns).map((name) => `${table}.${name}`),
    ),
  );
  return [
    ...[...inDatabase].filter((name) => !inRegistry.has(name)).map((name) => `no verdict: ${name}`),
    ...[...inRegistry].filter((name) => !inDatabase.has(name)).map((name) => `gone: ${name}`),
  ];
}

/**
 * Checks the foreign keys to tables whose rows an erasure deletes. `action` is Postgres' `confdeltype`: `c` cascades, `n` and `d`
 * empty the reference, any other value refuses the deletion.
 */
function foreignKeyFaults(keys: ForeignKey[]): string[] {
  const entryOf = (table: string): TableEntry | undefined =>
    registry.find((entry) => entry.table === table);
  return keys.flatMap(({ name, child, parent, action }) => {
    if (!entryOf(parent)?.isDeleted || action === "n" || action === "d") return [];
    if (action !== "c") return [`blocks an erasure: ${name}`];
    const entry = entryOf(child);
    const isWholeRowErased =
      entry?.isDeleted && !Object.values(entry.columns).some((verdict) => isKept(verdict));
    return isWholeRowErased ? [] : [`cascades too far: ${name}`];
  });
}

/**
 * Finds tables that have data to erase, but no condition that selects the rows. Skips the archive's tables: their rows are not
 * erased, but purged at their date.
 */
function conditionFaults(): string[] {
  return registry.flatMap(({ table, columns, user, organization }) =>
    !table.startsWith("rollcall_archive.") &&
    Object.values(columns).some((verdict) => verdict === "erased" || typeof verdict === "object") &&
    user === undefined &&
    organization === undefined
      ? [`no condition: ${table}`]
      : [],
  );
}

export async function findRegistryFaults(): Promise<string[]> {
  const { pool } = database();
  const { rows: live } = await pool.query<{ table: string; column: string }>(COLUMNS);
  const { rows: keys } = await pool.query<ForeignKey>(FOREIGN_KEYS);
  return [...columnFaults(live), ...foreignKeyFaults(keys), ...conditionFaults()];
}
