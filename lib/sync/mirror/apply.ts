/**
 * The one place that writes a mirrored row. Each statement here is whole: it takes rows, compares clocks in SQL, leaves
 * a newer row alone and writes history, so that order, repetition and concurrency of events make no difference.
 */
import { database, withAsyncCommit } from "../../db";
import {
  type Change,
  columns,
  isEventOnly,
  isVersioned,
  type ReconciledTable,
  reconciledTables,
  type Table,
  tables,
} from "./columns";

const versionColumns = {
  deleted: "boolean",
  version: "bigint",
  event_timestamp: "bigint",
  svix_id: "text",
} as const;

const transport = {
  text: { type: "text", value: (name: string) => name },
  integer: { type: "bigint", value: (name: string) => name },
  // A tombstone leaves its columns out; these two kinds are NOT NULL.
  boolean: { type: "boolean", value: (name: string) => `COALESCE(${name}, false)` },
  list: { type: "text[]", value: (name: string) => `COALESCE(${name}, '{}')` },
  time: { type: "bigint", value: (name: string) => `to_timestamp(${name} / 1000.0)` },
} as const;

/**
 * A membership may come before its user and its organization: a stub of version 0 holds the foreign key, and is beaten
 * by any event. DO NOTHING takes no lock on a row that is there; to look first is quicker where most are.
 */
const stubsOf = (table: "users" | "organizations", column: string) => `
  stub_${table} AS (
    INSERT INTO ${table} (id) SELECT DISTINCT ${column} FROM incoming
    WHERE ${column} IS NOT NULL AND NOT EXISTS (SELECT FROM ${table} known WHERE known.id = ${column})
    ORDER BY 1 ON CONFLICT (id) DO NOTHING
  ),`;
const stubs = stubsOf("users", "user_id") + stubsOf("organizations", "organization_id");

/** A replay says in `$2` when the delivery came, the reconciler in `$1` which run it is. */
type Writer = "delivery" | "replay" | "reconciler";

/** Whom and what a version speaks of. */
const subject = {
  users: "i.id, NULL",
  organizations: "NULL, i.id",
  memberships: "i.user_id, i.organization_id",
} as const;

/** Every delivery leaves a version, also one that lost; what was read from the Backend API only when it was news. */
function history(table: Table, writer: Writer): string {
  if (!isVersioned(table)) return "";
  const runId = writer === "reconciler" ? "$1::bigint" : "0";
  const losers = writer === "reconciler" ? "" : "LEFT";
  const receivedAt = writer === "replay" ? "$2::timestamptz" : "now()";
  return `,
  history AS (
    INSERT INTO versions (object_table, object_id, deleted, version, event_timestamp, svix_id, run_id,
      user_id, organization_id, occurred_at, received_at, is_late, state)
    SELECT '${table}', i.id, i.deleted, i.version, COALESCE(c.event_timestamp, i.event_timestamp),
      COALESCE(c.svix_id, i.svix_id), ${runId}, ${subject[table]},
      CASE WHEN i.event_timestamp > 0 THEN to_timestamp(i.event_timestamp / 1000.0)
           WHEN i.version > 0 THEN to_timestamp(i.version / 1000.0) ELSE now() END,
      ${receivedAt}, c.id IS NULL, CASE WHEN NOT i.deleted THEN to_jsonb(i) END
    FROM incoming i ${losers} JOIN changed c ON c.id = i.id
    WHERE c.id IS NOT NULL OR i.svix_id <> ''
    ON CONFLICT DO NOTHING
  )`;
}

const typed = (table: Table): [string, string][] => [
  ["id", "text"],
  ...Object.entries(versionColumns),
  ...Object.entries(columns[table]).map(([name, kind]): [string, string] => [
    name,
    transport[kind].type,
  ]),
];

/** The rows as a JSON array in `$1`. */
function incomingJson(table: Table): string {
  const recordset = typed(table).map(([name, type]) => `${name} ${type}`);
  return `incoming AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(${recordset.join(", ")}))`;
}

/** A value in the literal of an array; the driver's own way costs as much again as the statement. */
function elementOf(value: unknown): string {
  if (value === undefined || value === null) return "NULL";
  return typeof value === "string" ? `"${value.replace(/["\\]/g, "\\$&")}"` : String(value);
}

/** The rows, column by column. */
function arraysOf(table: Table, rows: Change["row"][]): string[] {
  const cells = rows.map((row) => new Map<string, unknown>(Object.entries(row)));
  return typed(table).map(
    ([name]) => `{${cells.map((row) => elementOf(row.get(name))).join(",")}}`,
  );
}

/** Many rows as one array a column, from `$2` on: half the work for Postgres that JSON is. */
function incomingColumns(table: Table): string {
  const arrays = typed(table).map(([, type], index) => `$${index + 2}::${type}[]`);
  const names = typed(table).map(([name]) => name);
  return `incoming AS (SELECT r.* FROM ${withAsyncCommit}, unnest(${arrays.join(", ")}) AS r(${names.join(", ")}))`;
}

/**
 * A `WITH` list that upserts the rows of `incoming` (distinct ids), with `changed`, the ids that won.
 * The row compare is the guard: it must stay inside the statement, where Postgres holds the row's lock.
 *
 * Only the reconciler may overwrite an equal version, and only what differs: the row then keeps its time and takes
 * the id "~", above every delivery's, so that a replay of the loser does not win it back.
 */
function upsert(table: Table, writer: Writer): string {
  const own = Object.entries(columns[table]);
  const versionNames = Object.keys(versionColumns);
  const names = [...versionNames, ...own.map(([name]) => name)];
  const values = [...versionNames, ...own.map(([name, kind]) => transport[kind].value(name))];
  const versionOf = (row: string) =>
    `(${row}.deleted, ${row}.version, ${row}.event_timestamp, ${row}.svix_id COLLATE "C")`;
  const contentOf = (row: string) => `(${listed.map(([name]) => `${row}.${name}`).join(", ")})`;
  const isEqualVersion = "(EXCLUDED.deleted, EXCLUDED.version) = (t.deleted, t.version)";
  const isReconciler = writer === "reconciler";
  const listed = own.filter(([name]) => !isEventOnly(table, name));
  const keeps: Record<string, string> = isReconciler
    ? {
        event_timestamp: `CASE WHEN ${isEqualVersion} THEN t.event_timestamp ELSE EXCLUDED.event_timestamp END`,
        svix_id: `CASE WHEN ${isEqualVersion} THEN '~' ELSE EXCLUDED.svix_id END`,
        ...Object.fromEntries(
          own.flatMap(([name]) =>
            isEventOnly(table, name)
              ? [[name, `CASE WHEN EXCLUDED.deleted THEN EXCLUDED.${name} ELSE t.${name} END`]]
              : [],
          ),
        ),
      }
    : {};
  const overwrites = isReconciler
    ? `OR (${isEqualVersion} AND ${contentOf("EXCLUDED")} IS DISTINCT FROM ${contentOf("t")})`
    : "";
  return `
  ${isReconciler && isVersioned(table) ? incomingColumns(table) : incomingJson(table)},
  ${table === "memberships" ? stubs : ""}
  changed AS (
    INSERT INTO ${table} AS t (id, ${names.join(", ")})
    SELECT id, ${values.join(", ")} FROM incoming ORDER BY id
    ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = ${keeps[name] ?? `EXCLUDED.${name}`}`).join(", ")}
    WHERE ${versionOf("EXCLUDED")} > ${versionOf("t")} ${overwrites}
    RETURNING id, event_timestamp, svix_id
  )${history(table, writer)}`;
}

const build = <T extends Table>(tables: readonly T[], writer: Writer) =>
  new Map(tables.map((table) => [table, upsert(table, writer)]));

const statements = {
  delivery: build(tables, "delivery"),
  replay: build(tables, "replay"),
  reconciler: build(reconciledTables, "reconciler"),
};

/** The statement's opening for a caller that adds its own effect to the same transaction; `$1` is {@link rowsJson}. */
export function upsertSql(table: Table, writer: "delivery" | "replay" = "delivery"): string {
  return `WITH ${statements[writer].get(table)}`;
}

/** Rows of one table, of distinct ids. */
export function rowsJson(changes: Change[]): string {
  return JSON.stringify(changes.map(({ row }) => row));
}

/** Applies a state that came without a delivery. Resolves to whether it was news. */
export async function applyChange(change: Change): Promise<boolean> {
  const result = await database().pool.query({
    name: `apply ${change.table}`,
    text: `${upsertSql(change.table)} SELECT id FROM changed`,
    values: [rowsJson([change])],
  });
  return result.rows.length > 0;
}

/**
 * Writes a batch of what the Backend API says (distinct ids, one table), as run `runId`. Resolves to the ids written.
 * For the reconciler alone: it may overwrite an equal version.
 */
export async function applyReconciled(
  table: ReconciledTable,
  rows: Change["row"][],
  runId: bigint,
): Promise<Set<string>> {
  const { rows: changed } = await database().pool.query<{ id: string }>({
    name: `reconcile ${table}`,
    text: `WITH ${statements.reconciler.get(table)} SELECT id FROM changed`,
    // The large tables travel as columns. None of them has a list, which `unnest` would flatten.
    values: isVersioned(table) ? [runId, ...arraysOf(table, rows)] : [JSON.stringify(rows)],
  });
  return new Set(changed.map(({ id }) => id));
}

export type EditedRow = {
  id: string;
  deleted: boolean;
  version: number;
  svixId: string;
  clerkVersion: number;
};

/**
 * Takes the clock from rows that were edited here, so that the version at Clerk is newer. Only while they are
 * as they were seen: an event that came since is not to be forgotten.
 */
export async function resetEditedVersions(
  table: ReconciledTable,
  rows: EditedRow[],
): Promise<void> {
  const column = (name: keyof EditedRow) => rows.map((row) => row[name]);
  await database().pool.query(
    `UPDATE ${table} t SET deleted = false, version = seen.clerk_version - 1, event_timestamp = 0, svix_id = ''
     FROM unnest($1::text[], $2::boolean[], $3::bigint[], $4::text[], $5::bigint[])
       AS seen(id, deleted, version, svix_id, clerk_version)
     WHERE t.id = seen.id AND (t.deleted, t.version, t.svix_id) = (seen.deleted, seen.version, seen.svix_id)`,
    [column("id"), column("deleted"), column("version"), column("svixId"), column("clerkVersion")],
  );
}
