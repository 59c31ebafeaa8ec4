/**
 * Rows of ours whose clock nothing explains: no event and no reconciliation wrote it, so somebody edited it here. Of users,
 * organizations and memberships the history knows; of the others the delivery that wrote the row, while its body is kept.
 */
import { database } from "../../db";
import { parseDelivery } from "../event/parse-delivery";
import { isVersioned, type ReconciledTable } from "../mirror/columns";
import { decide } from "../mirror/decide";

export type RowWithVersion = { id: string; deleted: boolean; version: number; svixId: string };

async function unknownToHistory(rows: RowWithVersion[]): Promise<Set<string>> {
  const { rows: found } = await database().pool.query<{ id: string }>(
    `SELECT o.id FROM unnest($1::text[], $2::boolean[], $3::bigint[]) AS o(id, deleted, version)
     WHERE NOT EXISTS (SELECT FROM versions v
       WHERE v.object_id = o.id AND (v.deleted, v.version) = (o.deleted, o.version))`,
    [
      rows.map(({ id }) => id),
      rows.map(({ deleted }) => deleted),
      rows.map(({ version }) => version),
    ],
  );
  return new Set(found.map(({ id }) => id));
}

function isWhatItSaid(row: RowWithVersion, body: Uint8Array): boolean {
  const parsed = parseDelivery(Buffer.from(body));
  if (parsed.handling !== "mirrored") return false;
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: row.svixId };
  const said = decide(parsed.event, source).row;
  return said.id === row.id && said.deleted === row.deleted && said.version === row.version;
}

async function unknownToInbox(rows: RowWithVersion[]): Promise<Set<string>> {
  const deliveries = await database().prisma.delivery.findMany({
    where: { svixId: { in: rows.map(({ svixId }) => svixId) } },
    select: { svixId: true, body: true },
  });
  const bodies = new Map(deliveries.map(({ svixId, body }) => [svixId, body]));
  const isUnknown = (row: RowWithVersion) => {
    const body = bodies.get(row.svixId);
    return body ? !isWhatItSaid(row, body) : false;
  };
  return new Set(rows.filter(isUnknown).map(({ id }) => id));
}

/** The ids among `rows` that were edited here. */
export async function findLocalEdits(
  table: ReconciledTable,
  rows: RowWithVersion[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  return isVersioned(table) ? unknownToHistory(rows) : unknownToInbox(rows);
}
