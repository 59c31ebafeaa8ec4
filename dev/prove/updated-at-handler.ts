/**
 * A better handler than the tutorial's, for comparison only. In SQL, it overwrites a row only with a newer `updated_at`. It
 * accepts memberships before their user and organization. But a delete removes the row, and an equal `updated_at` changes
 * nothing.
 */
import pg from "pg";
import { z } from "zod";
import { ignoreConnectionErrors } from "../../lib/db";
import { mirroredEvent } from "../../lib/sync/event/event";
import { isSplitNoun, splitObject } from "../../lib/sync/event/split-object";
import { columns } from "../../lib/sync/mirror/columns";
import { decide, fromBackendApi } from "../../lib/sync/mirror/decide";
import type { Subject } from "./subject";
import { readVerifiedEvent } from "./tutorial-handler";

const envelope = z.object({ type: z.string(), data: z.unknown() });

async function write(pool: pg.Pool, raw: unknown): Promise<void> {
  const { type, data } = envelope.parse(raw);
  const [noun = "", verb] = type.split(".");
  const object =
    isSplitNoun(noun) && verb !== "deleted" ? splitObject(noun, data, false).object : data;
  const change = decide(mirroredEvent.parse({ type, data: object }), fromBackendApi);
  const { table, row } = change;
  if (row.deleted) {
    await pool.query(`DELETE FROM ${table} WHERE id = $1`, [row.id]);
    return;
  }
  const isMirrored = (name: string) => !name.endsWith("_at");
  const names = Object.keys(columns[table]).filter(isMirrored);
  const list = ["version", ...names].join(", ");
  const values = names.map((name) => `r.${name}`).join(", ");
  await pool.query(
    `INSERT INTO ${table} AS t (id, ${list})
     SELECT r.id, r.version, ${values} FROM jsonb_populate_record(NULL::${table}, $1) AS r
     ON CONFLICT (id) DO UPDATE SET (${list}) = ROW (EXCLUDED.version, ${names.map((name) => `EXCLUDED.${name}`).join(", ")})
     WHERE t.version < EXCLUDED.version`,
    [JSON.stringify(Object.fromEntries(Object.entries(row).filter(([name]) => isMirrored(name))))],
  );
}

/** Drops the foreign keys, because with them this handler would only fail more often. */
const WITHOUT_FOREIGN_KEYS = [
  "ALTER TABLE memberships DROP CONSTRAINT memberships_user_id_fkey",
  "ALTER TABLE memberships DROP CONSTRAINT memberships_organization_id_fkey",
];

export function updatedAtSubject(databaseUrl: string): Subject {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  ignoreConnectionErrors(pool);
  return {
    name: "a guard by updated_at, and hard deletes",
    schema: WITHOUT_FOREIGN_KEYS,
    receive: async (request) => {
      await write(pool, await readVerifiedEvent(request));
      return new Response("ok");
    },
    close: () => pool.end(),
  };
}
