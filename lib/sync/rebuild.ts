/**
 * Is the mirror what the inbox says? Rebuilds it from the stored deliveries in a schema of its own and compares the hash
 * of every table. All in one transaction that is rolled back: it sees one moment, and leaves nothing.
 */
import pg from "pg";
import { z } from "zod";
import { env } from "../env";
import { rowsOf, upsertOf } from "./apply";
import { type Table, tables } from "./columns";
import { decide } from "./decide";
import { parseDelivery } from "./delivery";

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

/** What no delivery can rebuild is taken as it is: read from the Backend API, or past retention. */
async function standIn(client: pg.Client): Promise<void> {
  for (const table of [...tables, "versions"]) {
    await client.query(`CREATE TABLE ${SCHEMA}.${table} (LIKE public.${table} INCLUDING ALL)`);
  }
  for (const table of tables) {
    await client.query(
      `INSERT INTO ${SCHEMA}.${table} SELECT * FROM public.${table} t
       WHERE NOT EXISTS (SELECT FROM public.deliveries d WHERE d.svix_id = t.svix_id AND ${has})`,
    );
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
      if (parsed.fate !== "mirrored") continue;
      const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: svix_id };
      const change = decide(parsed.event, source);
      await client.query({
        name: `rebuild ${change.table}`,
        text: `${upsertOf(change.table, "replay")} SELECT id FROM changed`,
        values: [rowsOf([change]), received_at],
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
export async function compareWithInbox(): Promise<{ replayed: number; tables: Comparison[] }> {
  const client = new pg.Client({
    connectionString: env().databaseUrl,
    application_name: "rollcall rebuild",
  });
  // What breaks it also fails its query; without a listener it would end the process.
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN ISOLATION LEVEL REPEATABLE READ");
    await client.query(`CREATE SCHEMA ${SCHEMA}`);
    await client.query(`SET LOCAL search_path = ${SCHEMA}, public`);
    await standIn(client);
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
