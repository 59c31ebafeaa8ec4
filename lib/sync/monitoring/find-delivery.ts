/**
 * One delivery in full: its headers and payload, the change of the mirror that it made, and the effects that it caused. Only for
 * platform admins.
 */
import { z } from "zod";
import { database } from "../../db";
import { MAX_DEPTH } from "../event/storable-json";
import { columns, type VersionedTable, versionedTables } from "../mirror/columns";
import { type DeliveryRow, deliveryRow } from "./find-deliveries";

const storedShape = deliveryRow
  .extend({
    instanceId: z.string().nullable(),
    isRedacted: z.boolean(),
    headers: z.record(z.string(), z.unknown()).nullable(),
    body: z.instanceof(Uint8Array).nullable(),
  })
  .nullable();

export type StoredDelivery = NonNullable<z.output<typeof storedShape>>;

export async function findDelivery(svixId: string): Promise<StoredDelivery | null> {
  const row = await database().prisma.delivery.findUnique({ where: { svixId } });
  return storedShape.parse(row);
}

/** Returns the payload as JSON; undefined if the body is not JSON, or nested too deeply to be shown. */
export function payloadOf({ body }: StoredDelivery): unknown {
  if (!body) return undefined;
  const text = Buffer.from(body)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  try {
    const json: unknown = JSON.parse(text);
    return isDeep(json, 2 * MAX_DEPTH) ? undefined : json;
  } catch {
    return undefined;
  }
}

function isDeep(value: unknown, allowed: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  return allowed === 0 || Object.values(value).some((item) => isDeep(item, allowed - 1));
}

/** A column whose value the delivery changed. Values are as Clerk sends them, times as ISO text. */
export type ChangedField = { name: string; before: unknown; after: unknown };

export type DeliveryChange = {
  table: VersionedTable;
  objectId: string;
  kind: "created" | "updated" | "deleted" | "unchanged";
  /**
   * True if the delivery arrived after a newer version, so that it did not change the row. `fields` then has the values that it
   * would have written.
   */
  isLate: boolean;
  fields: ChangedField[];
};

const state = z.record(z.string(), z.unknown()).nullable();
const changeShape = z
  .object({
    table: z.enum(versionedTables),
    objectId: z.string(),
    deleted: z.boolean(),
    isLate: z.boolean(),
    state,
    wasDeleted: z.boolean().nullable(),
    was: state,
  })
  .optional();

/** The text that replaces private metadata, which the console never shows. */
const VEILED = "•••";

function shownValue(table: VersionedTable, name: string, value: unknown): unknown {
  if (name === "private_metadata" && value != null && JSON.stringify(value) !== "{}") return VEILED;
  const kind = new Map(Object.entries(columns[table])).get(name);
  if (kind !== "time" || typeof value !== "number") return value ?? null;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? value : time.toISOString();
}

/**
 * Resolves to the change that a delivery made: the version that it wrote, compared with the version before. Resolves to null if
 * the delivery wrote no version: it was ignored, or Rollcall keeps no versions of objects of that kind.
 */
export async function findChange({
  svixId,
  objectId,
}: DeliveryRow): Promise<DeliveryChange | null> {
  if (objectId === null) return null;
  const { rows } = await database().pool.query(
    `SELECT v.object_table AS "table", v.object_id AS "objectId", v.deleted, v.is_late AS "isLate", v.state,
       p.deleted AS "wasDeleted", p.state AS was
     FROM versions v LEFT JOIN LATERAL (
       SELECT deleted, state FROM versions p
       WHERE p.object_id = v.object_id AND p.object_table = v.object_table AND NOT p.is_late
         AND (p.deleted, p.version, p.event_timestamp, p.svix_id COLLATE "C", p.run_id)
           < (v.deleted, v.version, v.event_timestamp, v.svix_id COLLATE "C", v.run_id)
       ORDER BY p.deleted DESC, p.version DESC, p.event_timestamp DESC, p.svix_id COLLATE "C" DESC, p.run_id DESC LIMIT 1
     ) p ON true
     WHERE v.object_id = $1 AND v.svix_id = $2 LIMIT 1`,
    [objectId, svixId],
  );
  const found = changeShape.parse(rows[0]);
  if (!found) return null;
  const { table, deleted, isLate, wasDeleted, was, state } = found;
  const hadRow = wasDeleted === false;
  if (deleted) return { ...found, kind: hadRow ? "deleted" : "unchanged", fields: [] };
  const fields = Object.keys(columns[table]).flatMap((name) => {
    const [before, after] = [was?.[name] ?? null, state?.[name] ?? null];
    if (JSON.stringify(before) === JSON.stringify(after)) return [];
    const shown = {
      before: shownValue(table, name, before),
      after: shownValue(table, name, after),
    };
    return [{ name, ...shown }];
  });
  const kind = !hadRow ? "created" : fields.length > 0 ? "updated" : "unchanged";
  return { table, objectId, kind, isLate, fields };
}

/** False if Rollcall keeps no versions of the objects of this event, so that a change cannot be shown. */
export const hasVersions = (type: string | null) =>
  ["user", "organization", "organizationMembership"].includes(type?.split(".")[0] ?? "");

const effectShape = z.array(
  z.object({
    id: z.string(),
    handler: z.string(),
    change: z.string(),
    attempts: z.number(),
    error: z.string().nullable(),
    runAt: z.date(),
    doneAt: z.date().nullable(),
    deadAt: z.date().nullable(),
  }),
);
export type CausedEffect = z.output<typeof effectShape>[number];

/**
 * Resolves to the jobs that the transaction of this delivery added for its object. `now()` is the same for all rows of a
 * transaction, so a job has the time at which the delivery was received, or settled if it was applied later.
 */
export async function findCausedEffects(delivery: DeliveryRow): Promise<CausedEffect[]> {
  const { objectId, receivedAt, settledAt } = delivery;
  if (objectId === null) return [];
  const { rows } = await database().pool.query(
    `SELECT id::text, handler, change, attempts, error, run_at AS "runAt", done_at AS "doneAt", dead_at AS "deadAt"
     FROM effect_jobs WHERE object_id = $1 AND created_at = ANY ($2::timestamptz[]) ORDER BY id LIMIT 100`,
    [objectId, [receivedAt, settledAt ?? receivedAt]],
  );
  return effectShape.parse(rows);
}
