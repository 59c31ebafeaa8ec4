/**
 * Is the mirror what the inbox says? Rebuilds it from the stored deliveries in a schema of its own and compares the hash
 * of every table. All in one transaction that is rolled back: it sees one moment, and leaves nothing.
 */
import pg from "pg";
import { z } from "zod";
import { directConnection } from "../../db";
import { parseDelivery } from "../event/parse-delivery";
import { rowsJson, upsertSql } from "../mirror/apply";
import {
  isVersioned,
  type Table,
  tables,
  type VersionedTable,
  versionedTables,
} from "../mirror/columns";
import { decide } from "../mirror/decide";

const SCHEMA = "rollcall_rebuild";
const BATCH = 500;

export type Comparison = { table: Table; rows: number; isEqual: boolean };

const storedShape = z.array(
  z.object({
    svix_id: z.string(),
    body: z.instanceof(Buffer),
    received_at: z.date(),
    at: z.string(),
  }),
);

const has = "outcome IN ('applied', 'stale') AND body IS NOT NULL";

/** Late versions of the erased are blank. */
const says = "(v.deleted OR v.state IS NOT NULL)";

const isKept = (svixId: string) =>
  `EXISTS (SELECT FROM public.deliveries d WHERE d.svix_id = ${svixId} AND ${has})`;

/** A row that no delivery can rebuild is taken as it is, unless the history knows its object: that may say otherwise. */
async function takeRows(client: pg.Client): Promise<void> {
  for (const table of [...tables, "versions"]) {
    await client.query(`CREATE TABLE ${SCHEMA}.${table} (LIKE public.${table} INCLUDING ALL)`);
  }
  for (const table of tables) {
    const isKnown = `EXISTS (SELECT FROM public.versions v WHERE v.object_id = t.id AND ${says})`;
    await client.query(
      `INSERT INTO ${SCHEMA}.${table} SELECT * FROM public.${table} t
       WHERE NOT ${isKept("t.svix_id")} ${isVersioned(table) ? `AND NOT ${isKnown}` : ""}`,
    );
  }
}

const newestVersions = `
  SELECT count(*)::int AS count, max(id) AS last, COALESCE(jsonb_agg(state), '[]')::text AS rows FROM (
    SELECT DISTINCT ON (v.object_id) v.object_id AS id, COALESCE(v.state, '{}') || jsonb_build_object(
      'id', v.object_id, 'deleted', v.deleted, 'version', v.version, 'event_timestamp', v.event_timestamp,
      'svix_id', v.svix_id, 'user_id', v.user_id, 'organization_id', v.organization_id) AS state
    FROM public.versions v
    WHERE v.object_table = $1 AND v.object_id > $2 AND ${says} AND NOT ${isKept("v.svix_id")}
    ORDER BY v.object_id, v.deleted DESC, v.version DESC, v.event_timestamp DESC, v.svix_id COLLATE "C" DESC
    LIMIT ${BATCH}
  ) newest`;

const batchShape = z.tuple([
  z.object({ count: z.number(), last: z.string().nullable(), rows: z.string() }),
]);

/** Of what came without a delivery, or whose body is past retention, the latest known version stands in. */
async function takeVersions(client: pg.Client, table: VersionedTable): Promise<void> {
  let after = "";
  for (;;) {
    const { rows } = await client.query(newestVersions, [table, after]);
    const [{ count, last, rows: states }] = batchShape.parse(rows);
    await client.query(`${upsertSql(table, "replay")} SELECT id FROM changed`, [
      states,
      new Date(),
    ]);
    if (last === null || count < BATCH) return;
    after = last;
  }
}

async function replayInto(client: pg.Client): Promise<number> {
  let [at, svixId, count] = ["-infinity", "", 0];
  for (;;) {
    // The time travels as text: a Date would drop its microseconds.
    const { rows } = await client.query(
      `SELECT svix_id, body, received_at, received_at::text AS at FROM public.deliveries
       WHERE ${has} AND (received_at, svix_id) > ($1::timestamptz, $2)
       ORDER BY received_at, svix_id LIMIT ${BATCH}`,
      [at, svixId],
    );
    const batch = storedShape.parse(rows);
    for (const { svix_id, body, received_at } of batch) {
      const parsed = parseDelivery(body);
      if (parsed.handling !== "mirrored") continue;
      const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: svix_id };
      const change = decide(parsed.event, source);
      await client.query({
        name: `rebuild ${change.table}`,
        text: `${upsertSql(change.table, "replay")} SELECT id FROM changed`,
        values: [rowsJson([change]), received_at],
      });
    }
    count += batch.length;
    const last = batch.at(-1);
    if (!last || batch.length < BATCH) return count;
    [at, svixId] = [last.at, last.svix_id];
  }
}

/** Independent of the rows' order, and of how many there are. */
async function hashOf(client: pg.Client, table: string): Promise<{ rows: number; hash: string }> {
  const { rows } = await client.query<{ rows: number; hash: string }>(
    `SELECT count(*)::int AS rows, COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS hash FROM ${table} t`,
  );
  return rows[0] ?? { rows: 0, hash: "" };
}

/** Resolves to how many deliveries were replayed and whether each table came out the same. */
export async function rebuildAndCompare(): Promise<{ replayed: number; tables: Comparison[] }> {
  const client = new pg.Client(directConnection("rollcall rebuild"));
  // What breaks it also fails its query; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await client.query(`CREATE SCHEMA ${SCHEMA}`);
    await client.query(
      `SELECT set_config('search_path', '${SCHEMA}, ' || current_setting('search_path'), true)`,
    );
    await takeRows(client);
    for (const table of versionedTables) await takeVersions(client, table);
    const replayed = await replayInto(client);
    const comparisons: Comparison[] = [];
    for (const table of tables) {
      const mirror = await hashOf(client, `public.${table}`);
      const rebuilt = await hashOf(client, `${SCHEMA}.${table}`);
      comparisons.push({ table, rows: mirror.rows, isEqual: mirror.hash === rebuilt.hash });
    }
    return { replayed, tables: comparisons };
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
    await client.end();
  }
}
