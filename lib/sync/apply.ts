/**
 * The one place that writes a mirrored row. Each statement here is whole: it takes the row, compares clocks in SQL, and
 * leaves a newer row alone, so that order, repetition and concurrency of events make no difference.
 */
import { database } from "../db";
import type { Change } from "./decide";

const clockColumns = {
  deleted: "boolean",
  version: "bigint",
  event_timestamp: "bigint",
  svix_id: "text",
} as const;

/** Columns beside the id and the clock. Times arrive as ms since the epoch. */
const columns = {
  users: {
    email: "text",
    username: "text",
    first_name: "text",
    last_name: "text",
    image_url: "text",
    is_banned: "boolean",
    is_locked: "boolean",
    is_admin: "boolean",
    last_sign_in_at: "time",
    created_at: "time",
    updated_at: "time",
  },
  organizations: {
    name: "text",
    slug: "text",
    image_url: "text",
    created_by: "text",
    created_at: "time",
    updated_at: "time",
  },
  memberships: {
    user_id: "text",
    organization_id: "text",
    role: "text",
    created_at: "time",
    updated_at: "time",
  },
} as const satisfies Record<Change["table"], Record<string, "text" | "boolean" | "time">>;

/**
 * A membership may come before its user and its organization: a stub of version 0 holds the foreign key, and is beaten
 * by any event. DO NOTHING takes no lock on a row that is there.
 */
const stubs = `
  stub_users AS (
    INSERT INTO users (id) SELECT user_id FROM incoming WHERE user_id IS NOT NULL ON CONFLICT (id) DO NOTHING
  ),
  stub_organizations AS (
    INSERT INTO organizations (id) SELECT organization_id FROM incoming WHERE organization_id IS NOT NULL
    ON CONFLICT (id) DO NOTHING
  ),`;

/**
 * A `WITH` list that upserts the JSON array in `$1` (distinct ids) and ends with `changed`, the ids that won.
 * The row compare is the guard: it must stay inside the statement, where Postgres holds the row's lock.
 */
function upsert(table: Change["table"]): string {
  const typed = Object.entries({ ...clockColumns, ...columns[table] });
  const names = typed.map(([name]) => name);
  const recordset = typed.map(([name, type]) => `${name} ${type === "time" ? "bigint" : type}`);
  const values = typed.map(([name, type]) =>
    type === "time" ? `to_timestamp(${name} / 1000.0)` : name,
  );
  const clock = (row: string) =>
    `(${row}.deleted, ${row}.version, ${row}.event_timestamp, ${row}.svix_id COLLATE "C")`;
  return `
  incoming AS (SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(id text, ${recordset.join(", ")})),
  ${table === "memberships" ? stubs : ""}
  changed AS (
    INSERT INTO ${table} AS t (id, ${names.join(", ")})
    SELECT id, ${values.join(", ")} FROM incoming
    ON CONFLICT (id) DO UPDATE SET ${names.map((name) => `${name} = EXCLUDED.${name}`).join(", ")}
    WHERE ${clock("EXCLUDED")} > ${clock("t")}
    RETURNING id
  )`;
}

const tables = {
  users: upsert("users"),
  organizations: upsert("organizations"),
  memberships: upsert("memberships"),
};

/** The statement's opening for a caller that adds its own effect to the same transaction; `$1` is {@link rowsOf}. */
export function upsertOf(table: Change["table"]): string {
  return `WITH ${tables[table]}`;
}

export function rowsOf(change: Change): string {
  return JSON.stringify([change.row]);
}

/** Applies a state that came without a delivery. Resolves to whether it was news. */
export async function applyChange(change: Change): Promise<boolean> {
  const result = await database().pool.query({
    name: `apply ${change.table}`,
    text: `${upsertOf(change.table)} SELECT id FROM changed`,
    values: [rowsOf(change)],
  });
  return result.rows.length > 0;
}
