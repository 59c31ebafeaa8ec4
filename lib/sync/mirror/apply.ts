/**
 * The only file that writes what Clerk sends to the mirror. Each SQL statement compares versions, writes the rows whose version
 * is greater than the stored one, and adds to `versions`. So the order, repetition and concurrency of events do not change the
 * result.
 */
import { database, withAsyncCommit } from "../../db";
import { type EffectSource, withCause, withEffectSource } from "./cause";
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
import { fromBackendApi } from "./decide";
import { tombstoneVersion } from "./version";

const versionColumns = {
  deleted: "boolean",
  version: "bigint",
  event_timestamp: "bigint",
  svix_id: "text",
} as const;

const transport = {
  text: { type: "text", value: (name: string) => name },
  integer: { type: "bigint", value: (name: string) => name },
  // Boolean and list columns are NOT NULL, so a tombstone needs a default value for them.
  boolean: { type: "boolean", value: (name: string) => `COALESCE(${name}, false)` },
  flag: { type: "boolean", value: (name: string) => name },
  json: { type: "jsonb", value: (name: string) => name },
  list: { type: "text[]", value: (name: string) => `COALESCE(${name}, '{}')` },
  time: { type: "bigint", value: (name: string) => `to_timestamp(${name} / 1000.0)` },
} as const;

/**
 * Returns a CTE that inserts stub rows: a membership may arrive before its user and its organization. A stub row with version 0
 * satisfies the foreign key, and any event overwrites it. DO NOTHING takes no lock on an existing row. The NOT EXISTS is faster
 * when most rows exist.
 */
const stubsOf = (table: "users" | "organizations", column: string) => `
  stub_${table} AS (
    INSERT INTO ${table} (id) SELECT DISTINCT ${column} FROM incoming
    WHERE ${column} IS NOT NULL AND NOT EXISTS (SELECT FROM ${table} known WHERE known.id = ${column})
    ORDER BY 1 ON CONFLICT (id) DO NOTHING
  ),`;
const stubs = stubsOf("users", "user_id") + stubsOf("organizations", "organization_id");

/**
 * Which code runs the statement. A replay passes the delivery's time of receipt in `$2` and the cause of effects in `$3`. The
 * reconciler passes the cause and the `createdSince` of effects in `$1` and `$2`, and its run id in `$3`.
 */
type Writer = "delivery" | "provisioning" | "account" | "replay" | "reconciler";

/** For each writer, the FROM item that sets a cause. The triggers store it with the effects of the written rows. */
const causes: Record<Writer, string> = {
  delivery: withCause("'webhook'"),
  provisioning: withCause("'provisioning'"),
  account: withCause("'account'"),
  replay: withCause("$3::text"),
  reconciler: withEffectSource("$1::text", "$2::text", "$3::bigint"),
};

/** The SQL of the columns user_id and organization_id of `versions`, for each table. */
const subjectIds = {
  users: "i.id, NULL",
  organizations: "NULL, i.id",
  memberships: "i.user_id, i.organization_id",
} as const;

/**
 * Returns the CTE that adds rows to `versions`. It adds a version for every delivery, even if the mirrored row kept a newer
 * version. It adds a state from the Backend API only if that state changed the mirrored row.
 */
function historyCte(table: Table, writer: Writer): string {
  // A replay passes `$2` for every table, so the statement must use it even if the table has no versions.
  if (!isVersioned(table))
    return writer === "replay" ? ", received AS (SELECT $2::timestamptz)" : "";
  const runId = writer === "reconciler" ? "$3::bigint" : "0";
  const losers = writer === "reconciler" ? "" : "LEFT";
  const receivedAt = writer === "replay" ? "$2::timestamptz" : "now()";
  return `,
  history AS (
    INSERT INTO versions (object_table, object_id, deleted, version, event_timestamp, svix_id, run_id,
      user_id, organization_id, occurred_at, received_at, is_late, state)
    SELECT '${table}', i.id, i.deleted, i.version, COALESCE(c.event_timestamp, i.event_timestamp),
      COALESCE(c.svix_id, i.svix_id), ${runId}, ${subjectIds[table]},
      CASE WHEN i.event_timestamp > 0 THEN to_timestamp(i.event_timestamp / 1000.0)
           WHEN i.version > 0 THEN to_timestamp(i.version / 1000.0) ELSE now() END,
      ${receivedAt}, c.id IS NULL, CASE WHEN NOT i.deleted THEN to_jsonb(i) END
    FROM incoming i ${losers} JOIN changed c ON c.id = i.id
    WHERE c.id IS NOT NULL OR i.svix_id <> ''
    ON CONFLICT DO NOTHING
  )`;
}

const typedColumns = (table: Table): [string, string][] => [
  ["id", "text"],
  ...Object.entries(versionColumns),
  ...Object.entries(columns[table]).map(([name, kind]): [string, string] => [
    name,
    transport[kind].type,
  ]),
];

/** Returns the names of the columns that a change writes. All other columns are generated, or set by triggers. */
export const columnNames = (table: Table) => typedColumns(table).map(([name]) => name);

/** Returns the CTE `incoming`, which reads the rows from a JSON array: in `$4` for the reconciler, otherwise in `$1`. */
function incomingJson(table: Table, writer: Writer): string {
  const recordset = typedColumns(table).map(([name, type]) => `${name} ${type}`);
  const rows = `jsonb_to_recordset(${writer === "reconciler" ? "$4" : "$1"}::jsonb)`;
  return `incoming AS (SELECT r.* FROM ${causes[writer]}, ${rows} AS r(${recordset.join(", ")}))`;
}

/** Encodes one element of a Postgres array literal. The driver's own encoding would take as long as the statement. */
function arrayElement(value: unknown, type: string): string {
  if (value === undefined || value === null) return "NULL";
  if (type === "jsonb") return arrayElement(JSON.stringify(value), "text");
  return typeof value === "string" ? `"${value.replace(/["\\]/g, "\\$&")}"` : String(value);
}

/** Converts the rows to one Postgres array literal for each column. */
function columnArrays(table: Table, rows: Change["row"][]): string[] {
  const cells = rows.map((row) => new Map<string, unknown>(Object.entries(row)));
  return typedColumns(table).map(
    ([name, type]) => `{${cells.map((row) => arrayElement(row.get(name), type)).join(",")}}`,
  );
}

/**
 * Returns the CTE `incoming`, which reads the reconciler's rows from one array for each column. The first array is `$4`. Postgres
 * reads arrays in half the time of JSON.
 */
function incomingColumns(table: Table): string {
  const arrays = typedColumns(table).map(([, type], index) => `$${index + 4}::${type}[]`);
  const names = columnNames(table);
  const source = `${withAsyncCommit}, ${causes.reconciler}`;
  return `incoming AS (SELECT r.* FROM ${source}, unnest(${arrays.join(", ")}) AS r(${names.join(", ")}))`;
}

/**
 * Returns a `WITH` list that upserts the rows of `incoming` (distinct ids); `changed` has the ids that were written. The row
 * comparison is the version guard. It must stay inside the statement, where Postgres holds the row's lock.
 *
 * Only the reconciler may overwrite an equal version, and only if a column differs. The row then keeps its timestamp and gets the
 * svix_id "~", greater than every delivery's, so that replaying the overwritten delivery does not win.
 */
function upsertCtes(table: Table, writer: Writer): string {
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
  ${isReconciler && isVersioned(table) ? incomingColumns(table) : incomingJson(table, writer)},
  ${table === "memberships" ? stubs : ""}
  changed AS (
    INSERT INTO ${table} AS t (id, ${names.join(", ")})
    SELECT id, ${values.join(", ")} FROM incoming ORDER BY id
    ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = ${keeps[name] ?? `EXCLUDED.${name}`}`).join(", ")}
    WHERE ${versionOf("EXCLUDED")} > ${versionOf("t")} ${overwrites}
    RETURNING id, event_timestamp, svix_id
  )${historyCte(table, writer)}`;
}

const build = <T extends Table>(tables: readonly T[], writer: Writer) =>
  new Map(tables.map((table) => [table, upsertCtes(table, writer)]));

const statements = {
  delivery: build(tables, "delivery"),
  provisioning: build(["users"], "provisioning"),
  account: build(["users"], "account"),
  replay: build(tables, "replay"),
  reconciler: build(reconciledTables, "reconciler"),
};

/**
 * Returns the `WITH` part of the upsert statement. The caller appends a SELECT, INSERT or UPDATE, which so becomes part of the
 * same statement. The value of `$1` is {@link rowsJson}.
 */
export function upsertSql(table: Table, writer: "delivery" | "replay" = "delivery"): string {
  return `WITH ${statements[writer].get(table)}`;
}

/** Returns the value of `$1`: the rows of `changes` as JSON. All are of one table, with distinct ids. */
export function rowsJson(changes: Change[]): string {
  return JSON.stringify(changes.map(({ row }) => row));
}

/**
 * Applies the state of a user that provisioning (`lib/identity/provision.ts`) read from Clerk. Resolves to true if the row
 * changed.
 */
export async function applyProvisioned(user: Change["row"]): Promise<boolean> {
  const result = await database().pool.query({
    name: "provision user",
    text: `WITH ${statements.provisioning.get("users")} SELECT id FROM changed`,
    values: [JSON.stringify([user])],
  });
  return result.rows.length > 0;
}

/**
 * Deletes a user here before Clerk does, at the user's own request. Access has ended when this resolves. Clerk's event is newer
 * and still applies, without effects.
 */
export async function applyOwnDeletion(userId: string): Promise<void> {
  await database().pool.query({
    name: "delete own account",
    text: `WITH ${statements.account.get("users")} SELECT id FROM changed`,
    values: [JSON.stringify([{ ...tombstoneVersion(fromBackendApi), id: userId }])],
  });
}

/**
 * Writes a batch of rows read from the Backend API (one table, distinct ids) for run `runId`. Resolves to the ids written.
 * Only for the reconciler: unlike the writes of webhooks, it may overwrite a stored row that has the same version.
 */
export async function applyReconciled(
  table: ReconciledTable,
  rows: Change["row"][],
  runId: bigint,
  { cause, createdSince }: EffectSource,
): Promise<Set<string>> {
  const source = [cause ?? "", createdSince?.toISOString() ?? "", runId];
  const { rows: changed } = await database().pool.query<{ id: string }>({
    name: `reconcile ${table}`,
    text: `WITH ${statements.reconciler.get(table)} SELECT id FROM changed`,
    // The large tables are sent as one array for each column. None of them has a list column, which `unnest` would flatten.
    values: isVersioned(table)
      ? [...source, ...columnArrays(table, rows)]
      : [...source, JSON.stringify(rows)],
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
 * Sets the version of locally edited rows just below Clerk's, so that Clerk's state wins. Skips a row that has changed since
 * it was read: an event that arrived meanwhile must not be lost.
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
