/**
 * Previews a replay: applies the deliveries with the code of a replay, in a transaction that is always rolled back. Compares each
 * object before and after. The transaction holds the locks of the changed rows until its end. So the number of deliveries and the
 * time are limited.
 */
import pg from "pg";
import { z } from "zod";
import { directConnection } from "../../db";
import { parseDelivery } from "../event/parse-delivery";
import type { Table } from "../mirror/columns";
import { columns } from "../mirror/columns";
import { decide } from "../mirror/decide";
import { countReplayable, findReplayable, type Selection } from "./replay";
import { settleDelivery } from "./settle";

/** A preview applies at most this many deliveries of the selection, the oldest ones. */
export const PREVIEWED = 50;

/** The maximum time in ms that a statement waits for a lock. A statement that waits longer fails, and the preview with it. */
const LOCK_TIMEOUT_MS = 1_000;
const STATEMENT_TIMEOUT_MS = 4_000;

export type PreviewedDelivery = {
  svixId: string;
  type: string | null;
  objectId: string | null;
  before: string;
  after: string;
  /** `none`: the mirrored object would not change. */
  change: "created" | "updated" | "deleted" | "none";
  /** The columns that would change if `change` is `updated`; otherwise empty. */
  fields: string[];
};

export type Preview = {
  /** The number of all deliveries of the selection that a replay would process, including those that are not previewed. */
  total: number;
  /** The oldest selected deliveries, at most {@link PREVIEWED}, in the order of a replay. */
  deliveries: PreviewedDelivery[];
  /** The number of jobs for effect handlers that the previewed deliveries would add. */
  effects: number;
};

const storedShape = z
  .object({
    type: z.string().nullable(),
    object_id: z.string().nullable(),
    outcome: z.string(),
    body: z.instanceof(Buffer),
  })
  .optional();
const rowShape = z.object({ row: z.record(z.string(), z.unknown()).nullable() }).optional();

/** Returns the table and id of the object that a body is about. Returns null if the event is not mirrored or cannot be read. */
function targetOf(body: Buffer, svixId: string): { table: Table; id: string } | null {
  const parsed = parseDelivery(body);
  if (parsed.handling !== "mirrored") return null;
  const { table, row } = decide(parsed.event, { eventTimestamp: parsed.occurredAt ?? 0, svixId });
  return { table, id: row.id };
}

type Row = Record<string, unknown> | null;

const isShown = (row: Row) => row !== null && row.deleted === false && row.version !== 0;

function compare(
  table: Table,
  before: Row,
  after: Row,
): Pick<PreviewedDelivery, "change" | "fields"> {
  if (isShown(before) !== isShown(after))
    return { change: isShown(after) ? "created" : "deleted", fields: [] };
  if (!isShown(after)) return { change: "none", fields: [] };
  const fields = Object.keys(columns[table]).filter(
    (name) => JSON.stringify(before?.[name]) !== JSON.stringify(after?.[name]),
  );
  return { change: fields.length > 0 ? "updated" : "none", fields };
}

async function previewOne(
  client: pg.Client,
  svixId: string,
  withEffects: boolean,
): Promise<PreviewedDelivery | null> {
  const { rows } = await client.query(
    "SELECT type, object_id, outcome, body FROM deliveries WHERE svix_id = $1 AND body IS NOT NULL",
    [svixId],
  );
  const stored = storedShape.parse(rows[0]);
  if (!stored) return null;
  const target = targetOf(stored.body, svixId);
  const findRow = async (): Promise<Row> => {
    if (!target) return null;
    const text = `SELECT to_jsonb(t) AS row FROM ${target.table} t WHERE id = $1`;
    return rowShape.parse((await client.query(text, [target.id])).rows[0])?.row ?? null;
  };
  const before = await findRow();
  const outcome = await settleDelivery(svixId, withEffects ? "replay" : null, {
    db: client,
    attempt: async (work) => {
      await client.query("SAVEPOINT delivery");
      try {
        return await work();
      } catch (error) {
        await client.query("ROLLBACK TO SAVEPOINT delivery");
        throw error;
      }
    },
  });
  const { type, object_id: objectId } = stored;
  const found = {
    svixId,
    type,
    objectId,
    before: stored.outcome,
    after: outcome ?? stored.outcome,
  };
  if (!target) return { ...found, change: "none", fields: [] };
  return { ...found, ...compare(target.table, before, await findRow()) };
}

/** @throws the database's error, for example when another transaction keeps a lock. */
export async function previewReplay(selection: Selection): Promise<Preview> {
  const total = await countReplayable(selection);
  const chosen = await findReplayable(selection, null, PREVIEWED);
  const client = new pg.Client({
    ...directConnection("rollcall preview"),
    statement_timeout: STATEMENT_TIMEOUT_MS,
  });
  client.on("error", () => undefined);
  await client.connect();
  try {
    await client.query("BEGIN");
    await client.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
    const countJobs = async () => {
      const { rows } = await client.query<{ last: string }>(
        "SELECT coalesce(max(id), 0) AS last FROM effect_jobs",
      );
      return rows[0]?.last ?? "0";
    };
    const lastJob = await countJobs();
    const deliveries: PreviewedDelivery[] = [];
    for (const { svixId } of chosen) {
      const previewed = await previewOne(client, svixId, selection.withEffects ?? false);
      if (previewed) deliveries.push(previewed);
    }
    const { rows } = await client.query<{ count: number }>(
      // Counts only the jobs that this transaction added: other transactions add jobs at the same time.
      "SELECT count(*)::int AS count FROM effect_jobs WHERE id > $1 AND xmin::text = pg_current_xact_id()::xid::text",
      [lastJob],
    );
    return { total, deliveries, effects: rows[0]?.count ?? 0 };
  } finally {
    await client.query("ROLLBACK").catch(() => undefined);
    await client.end();
  }
}
