/**
 * A better handler, for comparison only: it writes only what is newer by `updated_at`, in SQL, and needs no order
 * between parents and children; but a delete deletes the row, and an equal stamp changes nothing.
 */
import pg from "pg";
import { ignoreConnectionErrors } from "../../lib/db";
import { mirroredEvent } from "../../lib/sync/event/event";
import { columns } from "../../lib/sync/mirror/columns";
import { decide, fromBackendApi } from "../../lib/sync/mirror/decide";
import type { Subject } from "./subject";
import { verified } from "./tutorial-handler";

async function write(pool: pg.Pool, raw: unknown): Promise<void> {
  const change = decide(mirroredEvent.parse(raw), fromBackendApi);
  const { table, row } = change;
  if (row.deleted) {
    await pool.query(`DELETE FROM ${table} WHERE id = $1`, [row.id]);
    return;
  }
  const isKept = (name: string) => !name.endsWith("_at");
  const names = Object.keys(columns[table]).filter(isKept);
  const list = ["version", ...names].join(", ");
  const values = names.map((name) => `r.${name}`).join(", ");
  await pool.query(
    `INSERT INTO ${table} AS t (id, ${list})
     SELECT r.id, r.version, ${values} FROM jsonb_populate_record(NULL::${table}, $1) AS r
     ON CONFLICT (id) DO UPDATE SET (${list}) = ROW (EXCLUDED.version, ${names.map((name) => `EXCLUDED.${name}`).join(", ")})
     WHERE t.version < EXCLUDED.version`,
    [JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => isKept(name))))],
  );
}

/** The rest of the schema is as it was; its foreign keys would only make this handler worse. */
const WITHOUT_KEYS = [
  "ALTER TABLE memberships DROP CONSTRAINT memberships_user_id_fkey",
  "ALTER TABLE memberships DROP CONSTRAINT memberships_organization_id_fkey",
];

export function guardedSubject(databaseUrl: string): Subject {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  ignoreConnectionErrors(pool);
  return {
    name: "a guard by updated_at, and hard deletes",
    schema: WITHOUT_KEYS,
    receive: async (request) => {
      await write(pool, await verified(request));
      return new Response("ok");
    },
    close: () => pool.end(),
  };
}
