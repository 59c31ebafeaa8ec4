/**
 * Checks that the mirror equals the inbox: rebuilds the mirror from the stored deliveries in a scratch schema, and compares the
 * hash of every table. Runs in one repeatable-read transaction that is rolled back.
 */
import pg from "pg";
import { z } from "zod";
import { directConnection } from "../../db";
import { parseDelivery } from "../event/parse-delivery";
import { columnNames, rowsJson, upsertSql } from "../mirror/apply";
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
/** An empty cause, so that the rebuild adds no effects. (The scratch tables have no triggers either.) */
const NO_EFFECTS = "";

type Comparison = { table: Table; rows: number; isEqual: boolean };

const storedShape = z.array(
  z.object({
    svix_id: z.string(),
    body: z.instanceof(Buffer),
    received_at: z.date(),
    at: z.string(),
  }),
);

const isReplayable = "outcome IN ('applied', 'stale') AND body IS NOT NULL";

/**
 * SQL that is true for a version from which a row can be rebuilt: a deletion, or a version with a `state`. The trigger function
 * `blank_versions_of_buried` clears the `state` of versions that arrive after a deletion.
 */
const hasContent = "(v.deleted OR v.state IS NOT NULL)";

/**
 * Returns SQL that is true if the delivery is stored and can be replayed. `svixId` is a SQL expression. `mirror` is the schema of
 * the mirrored tables, because a table name without a schema means the scratch table.
 */
const hasStoredDelivery = (mirror: string, svixId: string) =>
  `EXISTS (SELECT FROM ${mirror}.deliveries d WHERE d.svix_id = ${svixId} AND ${isReplayable})`;

/** Resolves to the schema of the mirrored tables, as an SQL identifier. */
async function findSchema(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ schema: string }>(
    "SELECT quote_ident(current_schema()) AS schema",
  );
  return rows[0]?.schema ?? "public";
}

/** Creates the scratch tables, and copies the rows that cannot be rebuilt: those with neither a stored delivery nor a version. */
async function copyRows(client: pg.Client, mirror: string): Promise<void> {
  for (const table of [...tables, "versions"]) {
    await client.query(`CREATE TABLE ${SCHEMA}.${table} (LIKE ${mirror}.${table} INCLUDING ALL)`);
  }
  for (const table of tables) {
    // Lists the columns, because a generated column cannot be inserted.
    const names = columnNames(table).join(", ");
    const isKnown = `EXISTS (SELECT FROM ${mirror}.versions v WHERE v.object_id = t.id AND ${hasContent})`;
    await client.query(
      `INSERT INTO ${SCHEMA}.${table} (${names}) SELECT ${names} FROM ${mirror}.${table} t
       WHERE NOT ${hasStoredDelivery(mirror, "t.svix_id")} ${isVersioned(table) ? `AND NOT ${isKnown}` : ""}`,
    );
  }
}

const newestVersions = (mirror: string) => `
  SELECT count(*)::int AS count, max(id) AS last, COALESCE(jsonb_agg(state), '[]')::text AS rows FROM (
    SELECT DISTINCT ON (v.object_id) v.object_id AS id, COALESCE(v.state, '{}') || jsonb_build_object(
      'id', v.object_id, 'deleted', v.deleted, 'version', v.version, 'event_timestamp', v.event_timestamp,
      'svix_id', v.svix_id, 'user_id', v.user_id, 'organization_id', v.organization_id) AS state
    FROM ${mirror}.versions v
    WHERE v.object_table = $1 AND v.object_id > $2 AND ${hasContent} AND NOT ${hasStoredDelivery(mirror, "v.svix_id")}
    ORDER BY v.object_id, v.deleted DESC, v.version DESC, v.event_timestamp DESC, v.svix_id COLLATE "C" DESC
    LIMIT ${BATCH}
  ) newest`;

const batchShape = z.tuple([
  z.object({ count: z.number(), last: z.string().nullable(), rows: z.string() }),
]);

/**
 * Applies versions whose delivery is not stored: its body is past retention, or the state was read from the Backend API. Applies
 * only the newest such version of each object.
 */
async function applyVersions(
  client: pg.Client,
  mirror: string,
  table: VersionedTable,
): Promise<void> {
  let after = "";
  for (;;) {
    const { rows } = await client.query(newestVersions(mirror), [table, after]);
    const [{ count, last, rows: states }] = batchShape.parse(rows);
    await client.query(`${upsertSql(table, "replay")} SELECT id FROM changed`, [
      states,
      new Date(),
      NO_EFFECTS,
    ]);
    if (last === null || count < BATCH) return;
    after = last;
  }
}

async function replayInto(client: pg.Client, mirror: string): Promise<number> {
  let [at, svixId, count] = ["-infinity", "", 0];
  for (;;) {
    // The time in the cursor is text, because a Date would lose the microseconds.
    const { rows } = await client.query(
      `SELECT svix_id, body, received_at, received_at::text AS at FROM ${mirror}.deliveries
       WHERE ${isReplayable} AND (received_at, svix_id) > ($1::timestamptz, $2)
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
        values: [rowsJson([change]), received_at, NO_EFFECTS],
      });
    }
    count += batch.length;
    const last = batch.at(-1);
    if (!last || batch.length < BATCH) return count;
    [at, svixId] = [last.at, last.svix_id];
  }
}

/**
 * Resolves to the number of rows of a table and to a hash of their contents. The hash does not depend on the order of the rows.
 * It includes only the columns that `apply.ts` writes.
 */
async function hashOf(
  client: pg.Client,
  schema: string,
  table: Table,
): Promise<{ rows: number; hash: string }> {
  const { rows } = await client.query<{ rows: number; hash: string }>(
    `SELECT count(*)::int AS rows, COALESCE(sum(hashtextextended(t::text, 0)::numeric), 0)::text AS hash
     FROM (SELECT ${columnNames(table).join(", ")} FROM ${schema}.${table}) t`,
  );
  return rows[0] ?? { rows: 0, hash: "" };
}

/**
 * Rebuilds and compares. Resolves to the number of replayed deliveries, and whether each rebuilt table equals the mirrored table.
 */
export async function rebuildAndCompare(): Promise<{ replayed: number; tables: Comparison[] }> {
  const client = new pg.Client(directConnection("rollcall rebuild"));
  // A broken connection fails the next query. Without a listener its error event would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    const mirror = await findSchema(client);
    await client.query(`CREATE SCHEMA ${SCHEMA}`);
    await client.query(
      `SELECT set_config('search_path', '${SCHEMA}, ' || current_setting('search_path'), true)`,
    );
    await copyRows(client, mirror);
    for (const table of versionedTables) await applyVersions(client, mirror, table);
    const replayed = await replayInto(client, mirror);
    // In the mirror, a trigger calls this function. Here it changes the scratch tables, which are first in the search path.
    await client.query(
      "SELECT clear_memberships_of_deleted(ARRAY(SELECT id FROM users WHERE deleted))",
    );
    const comparisons: Comparison[] = [];
    for (const table of tables) {
      const mirrored = await hashOf(client, mirror, table);
      const rebuilt = await hashOf(client, SCHEMA, table);
      comparisons.push({ table, rows: mirrored.rows, isEqual: mirrored.hash === rebuilt.hash });
    }
    return { replayed, tables: comparisons };
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
    await client.end();
  }
}
