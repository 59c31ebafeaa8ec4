/** A delivery as a row of the inbox: its columns, and the SQL that inserts many of them at once. */
import { createHash } from "node:crypto";
import type { ParsedDelivery } from "../event/parse-delivery";

/** A verified message. Of the request's headers only some are kept. */
export type Message = { svixId: string; body: Buffer; headers: Record<string, string> };

export const sha256Of = (body: Buffer) => createHash("sha256").update(body).digest();

/** The columns of an insert, and the type in which each travels. A time is ms since the epoch. */
const sent = {
  svix_id: "text",
  sha256: "bytea",
  body: "bytea",
  is_redacted: "boolean",
  headers: "jsonb",
  type: "text",
  object_id: "text",
  user_id: "text",
  instance_id: "text",
  occurred_at: "bigint",
  unread: "text",
} as const;

export type DeliveryRow = Record<keyof typeof sent, unknown> & {
  svix_id: string;
  sha256: Buffer;
  body: Buffer;
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
    instance_id: parsed.instanceId,
    occurred_at: parsed.occurredAt,
    unread: parsed.unread,
  };
}

const names = Object.keys(sent).filter((name): name is keyof typeof sent => name in sent);

const BYTEA = 17;

/**
 * Bytes as Postgres itself spells an array of them (dimensions, nulls, type; length, lower bound; each with its length,
 * `array_recv` in its source). The driver's way is two hex digits a byte, and an escape for each value.
 */
function bytesArray(values: Buffer[]): Buffer {
  const int32 = (...numbers: number[]) => {
    const buffer = Buffer.alloc(4 * numbers.length);
    for (const [index, number] of numbers.entries()) buffer.writeInt32BE(number, 4 * index);
    return buffer;
  };
  const elements = values.flatMap((value) => [int32(value.length), value]);
  return Buffer.concat([int32(1, 0, BYTEA, values.length, 1), ...elements]);
}

export const columnArrays = (rows: DeliveryRow[]) =>
  names.map((name) =>
    name === "body" || name === "sha256"
      ? bytesArray(rows.map((row) => row[name]))
      : rows.map((row) => row[name]),
  );

/**
 * Takes {@link columnArrays} rows as parameters from number `first` on; `more` are columns and their SQL. In the order of
 * the key, so that two that overlap do not wait for each other.
 */
export function insertDeliveriesSql(
  first: number,
  more: { outcome: string } & Record<string, string>,
): string {
  const lists = Object.values(sent).map((type, index) => `$${first + index}::${type}[]`);
  const values = names.map((name) =>
    name === "occurred_at" ? "to_timestamp(d.occurred_at / 1000.0)" : `d.${name}`,
  );
  return `INSERT INTO deliveries (${[...names, ...Object.keys(more)].join(", ")})
    SELECT ${[...values, ...Object.values(more)].join(", ")}
    FROM unnest(${lists.join(", ")}) AS d(${names.join(", ")}) ORDER BY d.svix_id
    RETURNING svix_id, outcome`;
}
