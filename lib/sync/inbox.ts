/**
 * The inbox: every verified message, once, in the same transaction as its effect. The primary key on `svix_id` decides
 * what a duplicate is; nothing is looked up before.
 */
import { createHash } from "node:crypto";
import pg from "pg";
import { database } from "../db";
import { rowsOf, upsertOf } from "./apply";
import { type Change, decide } from "./decide";
import { type ParsedDelivery, parseDelivery } from "./event";

/** `pending`: stored, but its change could not be applied. `conflict`: the id is known with another body. */
export type Outcome =
  | "applied"
  | "stale"
  | "duplicate"
  | "ignored"
  | "unreadable"
  | "pending"
  | "conflict";

const UNIQUE_VIOLATION = "23505";

/** Values $2… of every insert, in the order of {@link insertDelivery}. */
function deliveryValues(
  svixId: string,
  body: Buffer,
  parsed: ParsedDelivery,
  error: string | null,
) {
  const sha256 = createHash("sha256").update(body).digest();
  return [
    svixId,
    sha256,
    body,
    parsed.type,
    parsed.objectId,
    parsed.instanceId,
    parsed.occurredAt,
    error,
  ];
}

/** `first` is the number of the first parameter; `outcome` is SQL. */
function insertDelivery(first: number, outcome: string): string {
  const $ = (offset: number) => `$${first + offset}`;
  return `INSERT INTO deliveries
    (svix_id, sha256, body, type, object_id, instance_id, occurred_at, error, outcome)
    VALUES (${$(0)}, ${$(1)}, ${$(2)}, ${$(3)}, ${$(4)}, ${$(5)},
            to_timestamp(${$(6)}::bigint / 1000.0), ${$(7)}, ${outcome})
    RETURNING outcome`;
}

async function insert(name: string, text: string, values: unknown[]): Promise<Outcome> {
  const { rows } = await database().pool.query<{ outcome: Outcome }>({ name, text, values });
  const row = rows[0];
  if (!row) throw new Error("an INSERT … RETURNING gave no row");
  return row.outcome;
}

/** The delivery and its change as one statement: both are committed, or neither. */
function recordAndApply(change: Change, values: unknown[]): Promise<Outcome> {
  const outcome = "CASE WHEN EXISTS (SELECT 1 FROM changed) THEN 'applied' ELSE 'stale' END";
  return insert(
    `record ${change.table}`,
    `${upsertOf(change.table)} ${insertDelivery(2, outcome)}`,
    [rowsOf(change), ...values],
  );
}

function recordOnly(
  outcome: "ignored" | "unreadable" | "pending",
  values: unknown[],
): Promise<Outcome> {
  return insert("record only", insertDelivery(1, "$9"), [...values, outcome]);
}

function isDuplicateKey(error: unknown): boolean {
  return (
    error instanceof pg.DatabaseError &&
    error.code === UNIQUE_VIOLATION &&
    error.table === "deliveries"
  );
}

/** A fault of this delivery's data or of a race (SQLSTATE classes 22, 23, 40), not of the database as a whole. */
function isFaultOfDelivery(error: unknown): error is pg.DatabaseError {
  return error instanceof pg.DatabaseError && /^(22|23|40)/.test(error.code ?? "");
}

async function attempt(svixId: string, body: Buffer, parsed: ParsedDelivery): Promise<Outcome> {
  if (parsed.fate !== "mirrored") {
    return recordOnly(parsed.fate, deliveryValues(svixId, body, parsed, null));
  }
  const change = decide(parsed.event, { eventTimestamp: parsed.occurredAt ?? 0, svixId });
  try {
    return await recordAndApply(change, deliveryValues(svixId, body, parsed, null));
  } catch (error) {
    if (isDuplicateKey(error) || !isFaultOfDelivery(error)) throw error;
    return recordOnly("pending", deliveryValues(svixId, body, parsed, `SQLSTATE ${error.code}`));
  }
}

/**
 * Stores a verified message and applies it. Resolves once it is durably committed.
 * @throws when the database cannot store it: then nothing is stored, and the sender must try again.
 */
export async function recordDelivery(svixId: string, body: Buffer): Promise<Outcome> {
  try {
    return await attempt(svixId, body, parseDelivery(body));
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    const known = await database().prisma.delivery.findUnique({
      where: { svixId },
      select: { sha256: true },
    });
    const sha256 = createHash("sha256").update(body).digest();
    return known && sha256.equals(known.sha256) ? "duplicate" : "conflict";
  }
}
