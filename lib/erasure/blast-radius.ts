/**
 * Counts the rows of each table that an erasure would delete or empty. The console shows this before an admin deletes a user or
 * an organization.
 */
import { database } from "../db";
import { registry } from "./registry";
import { type SubjectKind, subjectOf, subjectSql, subjectValues } from "./subject";
import type { TableEntry } from "./table-entry";

export type ReachedTable = {
  table: string;
  /** A sentence that describes the rows of the table. */
  holds: string;
  rows: number;
  /** True if the rows are deleted; otherwise their personal columns are emptied. */
  isDeleted: boolean;
};

const ADDRESSES = `SELECT DISTINCT lower(a) AS address FROM users, unnest(string_to_array(identifiers, E'\\n') || email) AS a
  WHERE id = $1 AND a LIKE '%@%'`;

/** True if the registry marks a column of the table as `erased`. Tables whose data goes to the archive have no such column. */
const isReached = ({ columns }: TableEntry) => Object.values(columns).includes("erased");

/** More subjects than these are not counted: each takes a query that reads many tables. */
export const MAX_COUNTED = 25;

const PARALLEL = 5;

/**
 * Resolves to the tables with rows that the erasures of the first {@link MAX_COUNTED} subjects would delete or empty, the most
 * rows first. A row about two of them counts twice.
 */
export async function findBlastRadius(kind: SubjectKind, ids: string[]): Promise<ReachedTable[]> {
  const counted = [...new Set(ids)].slice(0, MAX_COUNTED);
  const sums = new Map<string, ReachedTable>();
  for (let from = 0; from < counted.length; from += PARALLEL) {
    const some = counted.slice(from, from + PARALLEL).map((id) => countReached(kind, id));
    for (const reached of (await Promise.all(some)).flat())
      sums.set(reached.table, {
        ...reached,
        rows: reached.rows + (sums.get(reached.table)?.rows ?? 0),
      });
  }
  return [...sums.values()].filter(({ rows }) => rows > 0).sort((a, b) => b.rows - a.rows);
}

async function countReached(kind: SubjectKind, id: string): Promise<ReachedTable[]> {
  const { pool } = database();
  const { rows: found } = await pool.query<{ address: string }>(ADDRESSES, [id]);
  const addresses = kind === "user" ? found.map(({ address }) => address) : [];
  const subject = await subjectOf(pool, kind, { id, addresses, deletedAt: null });
  const reached = registry.flatMap((entry) => {
    const where = entry[kind];
    return where !== undefined && isReached(entry) ? [{ ...entry, where }] : [];
  });
  const { rows } = await pool.query<{ table: string; rows: number }>(
    reached
      .map(
        ({ table, where }) =>
          `SELECT '${table}' AS "table", count(*)::int AS rows FROM ${table} t, ${subjectSql} WHERE ${where}`,
      )
      .join(" UNION ALL "),
    subjectValues(subject),
  );
  const counts = new Map(rows.map((row) => [row.table, row.rows]));
  return reached.map(({ table, holds, isDeleted = false }) => ({
    table,
    holds,
    rows: counts.get(table) ?? 0,
    isDeleted,
  }));
}
