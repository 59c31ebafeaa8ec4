/**
 * The inbox: every verified message, once, in the same transaction as its effect. The primary key on `svix_id` decides
 * what a duplicate is; nothing is looked up before.
 */
import { createHash } from "node:crypto";
import { database, runStatement } from "../db";
import { log } from "../log";
import { rowsOf, upsertOf } from "./apply";
import { recordAudit } from "./audit";
import type { Change } from "./columns";
import { decide } from "./decide";
import { type ParsedDelivery, parseDelivery } from "./delivery";
import { isFaultOfDelivery, isKnownDelivery, nameOfFault } from "./fault";
import { isForeignInstance } from "./instance";
import { addRetry, backoffMs } from "./queue";

/** `dead`: its last try failed. `quarantined`: another Clerk instance's. */
export type StoredOutcome =
  | "applied"
  | "stale"
  | "ignored"
  | "unreadable"
  | "quarantined"
  | "pending"
  | "dead";

/** `duplicate`: received before. `conflict`: the id is known with another body. */
export type Outcome = StoredOutcome | "duplicate" | "conflict";

/** A verified message. Of the request's headers only some are kept. */
export type Message = { svixId: string; body: Buffer; headers: Record<string, string> };

const sha256Of = (body: Buffer) => createHash("sha256").update(body).digest();

/** The values of every insert, in the order of {@link insertDelivery}. */
function deliveryValues({ svixId, body, headers }: Message, parsed: ParsedDelivery) {
  return [
    svixId,
    sha256Of(body),
    parsed.storable,
    parsed.storable !== body,
    JSON.stringify(headers),
    parsed.type,
    parsed.objectId,
    parsed.userId,
    parsed.instanceId,
    parsed.occurredAt,
  ];
}

/** `first` is the number of the first parameter; `more` are columns and their SQL. */
function insertDelivery(first: number, more: { outcome: string } & Record<string, string>): string {
  const $ = Array.from({ length: 9 }, (_, index) => `$${first + index}`).join(", ");
  return `INSERT INTO deliveries (svix_id, sha256, body, is_redacted, headers, type, object_id, user_id, instance_id,
      occurred_at, ${Object.keys(more).join(", ")})
    VALUES (${$}, to_timestamp($${first + 9}::bigint / 1000.0), ${Object.values(more).join(", ")})
    RETURNING outcome`;
}

async function insert(name: string, text: string, values: unknown[]): Promise<StoredOutcome> {
  const [row] = await runStatement<{ outcome: StoredOutcome }>({ name, text, values });
  if (!row) throw new Error("an INSERT … RETURNING gave no row");
  return row.outcome;
}

/** The delivery and its change as one statement: both are committed, or neither. */
function recordAndApply(change: Change, values: unknown[]): Promise<StoredOutcome> {
  const outcome = "CASE WHEN EXISTS (SELECT 1 FROM changed) THEN 'applied' ELSE 'stale' END";
  return insert(
    `record ${change.table}`,
    `${upsertOf(change.table)} ${insertDelivery(2, { outcome })}`,
    [rowsOf(change), ...values],
  );
}

function recordOnly(
  outcome: "ignored" | "unreadable" | "quarantined",
  values: unknown[],
): Promise<StoredOutcome> {
  return insert("record only", insertDelivery(1, { outcome: "$11" }), [...values, outcome]);
}

/** The delivery and the job that tries again, as one statement. */
function recordPending(values: unknown[], fault: string): Promise<StoredOutcome> {
  const pending = insertDelivery(1, {
    outcome: "'pending'",
    error: "$11",
    settled_at: "NULL",
    next_attempt_at: "now() + $12 * interval '1 ms'",
  });
  return insert("record pending", `${pending}, ${addRetry("svix_id", "next_attempt_at")}`, [
    ...values,
    fault,
    backoffMs(1),
  ]);
}

async function record(message: Message): Promise<StoredOutcome> {
  const parsed = parseDelivery(message.body);
  const values = deliveryValues(message, parsed);
  if (parsed.instanceId && (await isForeignInstance(parsed.instanceId))) {
    log.warn("webhook quarantined: it is signed for us, but comes from another Clerk instance", {
      svixId: message.svixId,
      instanceId: parsed.instanceId,
    });
    return recordOnly("quarantined", values);
  }
  if (parsed.fate !== "mirrored") return recordOnly(parsed.fate, values);
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: message.svixId };
  try {
    return await recordAndApply(decide(parsed.event, source), values);
  } catch (error) {
    if (isKnownDelivery(error) || !isFaultOfDelivery(error)) throw error;
    return recordPending(values, nameOfFault(error));
  }
}

async function compareWithKnown({ svixId, body }: Message): Promise<"duplicate" | "conflict"> {
  const known = await database().prisma.delivery.findUnique({
    where: { svixId },
    select: { sha256: true },
  });
  const sha256 = sha256Of(body);
  if (known && sha256.equals(known.sha256)) return "duplicate";
  await recordAudit({
    actor: "clerk",
    action: "delivery.conflict",
    subject: svixId,
    detail: { sha256: sha256.toString("hex") },
  });
  return "conflict";
}

/**
 * Stores a verified message and applies it. Resolves once it is durably committed.
 * @throws when the database cannot store it: then nothing is stored, and the sender must try again.
 */
export async function recordDelivery(message: Message): Promise<Outcome> {
  try {
    return await record(message);
  } catch (error) {
    if (!isKnownDelivery(error)) throw error;
    return compareWithKnown(message);
  }
}
