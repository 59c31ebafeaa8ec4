/**
 * Finds rows that were edited in the database: no event and no reconciliation wrote their version. Users, organizations and
 * memberships are compared with `versions`. Other rows are compared with the body of the delivery that wrote them, while it is
 * kept.
 */
import { database } from "../../db";
import { parseDelivery } from "../event/parse-delivery";
import { isVersioned, type ReconciledTable } from "../mirror/columns";
import { decide } from "../mirror/decide";

type RowWithVersion = { id: string; deleted: boolean; version: number; svixId: string };

async function findMissingInHistory(rows: RowWithVersion[]): Promise<Set<string>> {
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

function matchesDelivery(row: RowWithVersion, body: Uint8Array): boolean {
  const parsed = parseDelivery(Buffer.from(body));
  if (parsed.handling !== "mirrored") return false;
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: row.svixId };
  const decided = decide(parsed.event, source).row;
  return (
    decided.id === row.id && decided.deleted === row.deleted && decided.version === row.version
  );
}

async function findMismatchedDeliveries(rows: RowWithVersion[]): Promise<Set<string>> {
  const deliveries = await database().prisma.delivery.findMany({
    where: { svixId: { in: rows.map(({ svixId }) => svixId) } },
    select: { svixId: true, body: true },
  });
  const bodies = new Map(deliveries.map(({ svixId, body }) => [svixId, body]));
  const isUnknown = (row: RowWithVersion) => {
    const body = bodies.get(row.svixId);
    return body ? !matchesDelivery(row, body) : false;
  };
  return new Set(rows.filter(isUnknown).map(({ id }) => id));
}

/** Resolves to the ids of the rows that were edited locally. */
export async function findLocalEdits(
  table: ReconciledTable,
  rows: RowWithVersion[],
): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  return isVersioned(table) ? findMissingInHistory(rows) : findMismatchedDeliveries(rows);
}
