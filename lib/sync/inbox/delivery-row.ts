/** A delivery as a row of the inbox: its columns, and the SQL that inserts many rows at once. */
import { createHash } from "node:crypto";
import { activeTraceparent } from "../../telemetry/tracing";
import type { ParsedDelivery } from "../event/parse-delivery";

/** A verified webhook message, with the request headers that are stored. */
export type Message = { svixId: string; body: Buffer; headers: Record<string, string> };

export const sha256Of = (body: Buffer) => createHash("sha256").update(body).digest();

/** The inserted columns, and the Postgres type in which each is sent. Times are sent in ms since the epoch. */
const sentColumns = {
  svix_id: "text",
  sha256: "bytea",
  body: "bytea",
  is_redacted: "boolean",
  headers: "jsonb",
  type: "text",
  object_id: "text",
  user_id: "text",
  organization_id: "text",
  instance_id: "text",
  occurred_at: "bigint",
  unread: "text",
  traceparent: "text",
} as const;

export type DeliveryRow = Record<keyof typeof sentColumns, unknown> & {
  svix_id: string;
  sha256: Buffer;
  /** The body to store; null if the body is not stored. */
  body: Buffer | null;
};

export function deliveryRow(
  { svixId, body, headers }: Message,
  parsed: ParsedDelivery,
): DeliveryRow {
  return {
    svix_id: svixId,
    sha256: sha256Of(body),
    body: parsed.storable,
    is_redacted: parsed.storable !== body,
    headers: JSON.stringify(headers),
    type: parsed.type,
    object_id: parsed.objectId,
    user_id: parsed.userId,
    organization_id: parsed.organizationId,
    instance_id: parsed.instanceId,
    occurred_at: parsed.occurredAt,
    unread: parsed.unread,
    traceparent: activeTraceparent(),
  };
}

const columnNames = Object.keys(sentColumns).filter(
  (name): name is keyof typeof sentColumns => name in sentColumns,
);

/** Returns the query parameter after those of {@link columnArrays}, which begin at `$1`; `index` 1 is the one after that. */
export const parameterAfterColumns = (index = 0) => `$${columnNames.length + 1 + index}`;

const BYTEA = 17;

/**
 * Encodes a bytea array in Postgres' binary format: dimensions, null flag, element type, length, lower bound, then each element
 * with its length (`array_recv` in the Postgres source). The driver's text format would need two hex digits for each byte.
 */
function bytesArray(values: (Buffer | null)[]): Buffer {
  const int32 = (...numbers: number[]) => {
    const buffer = Buffer.alloc(4 * numbers.length);
    for (const [index, number] of numbers.entries()) buffer.writeInt32BE(number, 4 * index);
    return buffer;
  };
  const elements = values.flatMap((value) => (value ? [int32(value.length), value] : [int32(-1)]));
  const hasNulls = values.includes(null) ? 1 : 0;
  return Buffer.concat([int32(1, hasNulls, BYTEA, values.length, 1), ...elements]);
}

export const columnArrays = (rows: DeliveryRow[]) =>
  columnNames.map((name) =>
    name === "body" || name === "sha256"
      ? bytesArray(rows.map((row) => row[name]))
      : rows.map((row) => row[name]),
  );

/**
 * The SQL of the columns whose inserted value is computed. The body and the headers of a late event about an erased user or
 * organization are not stored.
 */
const sqlValues: Partial<Record<keyof typeof sentColumns, string>> = {
  occurred_at: "to_timestamp(d.occurred_at / 1000.0)",
  body: "CASE WHEN NOT is_erased THEN d.body END",
  headers: "CASE WHEN NOT is_erased THEN d.headers END",
};

/**
 * Returns SQL that inserts the rows of {@link columnArrays}. `first` is the number of the query parameter that holds the first
 * array. `more` maps further columns to their SQL. Rows are inserted in the order of the primary key, so that two statements with
 * common keys cannot deadlock.
 */
export function insertDeliveriesSql(
  first: number,
  more: { outcome: string } & Record<string, string>,
): string {
  const lists = Object.values(sentColumns).map((type, index) => `$${first + index}::${type}[]`);
  const values = columnNames.map((name) => sqlValues[name] ?? `d.${name}`);
  return `INSERT INTO deliveries (${[...columnNames, ...Object.keys(more)].join(", ")})
    SELECT ${[...values, ...Object.values(more)].join(", ")}
    FROM unnest(${lists.join(", ")}) AS d(${columnNames.join(", ")}),
      LATERAL (SELECT EXISTS (
        SELECT FROM erased_ids e WHERE e.id IN (d.user_id, d.object_id, d.organization_id)) AS is_erased) ids
    ORDER BY d.svix_id
    RETURNING svix_id, outcome`;
}
