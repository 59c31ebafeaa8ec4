/**
 * Records every verified message once, in the same transaction as the write to the mirror. A trigger adds the svix-id to
 * `delivery_ids`, whose primary key detects duplicates; there is no lookup before the insert.
 */

import { recordAudit } from "../../audit";
import { backoffMs } from "../../backoff";
import { database, runStatement } from "../../db";
import { log } from "../../log";
import { parseDelivery } from "../event/parse-delivery";
import { rowsJson, upsertSql } from "../mirror/apply";
import type { Change, Table } from "../mirror/columns";
import { decide } from "../mirror/decide";
import type { StoredOutcome } from "../monitoring/delivery-lists";
import { createBatcher } from "./batch";
import { originOf } from "./clerk-instance";
import { errorClass, isDeliveryError, isDuplicateDelivery } from "./database-error";
import {
  columnArrays,
  type DeliveryRow,
  deliveryRow,
  insertDeliveriesSql,
  type Message,
  parameterAfterColumns,
  sha256Of,
} from "./delivery-row";
import { addRetryJobSql } from "./retry-queue";

/** `duplicate`: the message was received before. `conflict`: it was received before with another body. */
export type Outcome = StoredOutcome | "duplicate" | "conflict";

type Recorded = { svix_id: string; outcome: StoredOutcome };

async function insert(
  name: string,
  text: string,
  values: unknown[],
): Promise<(row: DeliveryRow) => StoredOutcome> {
  const recorded = await runStatement<Recorded>({ name, text, values });
  const outcomes = new Map(recorded.map(({ svix_id, outcome }) => [svix_id, outcome]));
  return ({ svix_id }) => {
    const outcome = outcomes.get(svix_id);
    if (!outcome) throw new Error("an INSERT … RETURNING left out a row");
    return outcome;
  };
}

type Recording = { change: Change; delivery: DeliveryRow };

/** Returns a batcher that writes deliveries and their mirrored rows in one statement, so that all are committed or none. */
function createRecorder(table: Table) {
  const outcome = `CASE WHEN d.svix_id IN (SELECT svix_id FROM changed) THEN 'applied' ELSE 'stale' END`;
  const text = `${upsertSql(table)} ${insertDeliveriesSql(2, { outcome })}`;
  return createBatcher({
    name: `record ${table}`,
    keyOf: ({ change }: Recording) => change.row.id,
    run: async (batch) => {
      const changes = rowsJson(batch.map(({ change }) => change));
      const deliveries = columnArrays(batch.map(({ delivery }) => delivery));
      const outcomeOf = await insert(`record ${table}`, text, [changes, ...deliveries]);
      return ({ delivery }) => outcomeOf(delivery);
    },
    isItemError: isDeliveryError,
  });
}

const recorders = new Map<Table, ReturnType<typeof createRecorder>>();

function recorderFor(table: Table) {
  const recorder = recorders.get(table) ?? createRecorder(table);
  recorders.set(table, recorder);
  return recorder;
}

/**
 * The maximum size in bytes of an ignored event's body: a larger body is not stored. The row is stored in any case, because it
 * detects duplicates.
 */
const MAX_IGNORED_BYTES = 256 * 1024;

async function recordWithoutEffect(
  outcome: "ignored" | "unreadable" | "quarantined",
  given: DeliveryRow,
): Promise<StoredOutcome> {
  const isDropped = outcome === "ignored" && (given.body?.byteLength ?? 0) > MAX_IGNORED_BYTES;
  const delivery = isDropped ? { ...given, body: null } : given;
  const text = insertDeliveriesSql(1, { outcome: parameterAfterColumns() });
  return (await insert("record only", text, [...columnArrays([delivery]), outcome]))(delivery);
}

/** Writes the delivery and the job that retries it in one statement. */
async function recordPending(delivery: DeliveryRow, fault: string): Promise<StoredOutcome> {
  const pending = insertDeliveriesSql(1, {
    outcome: "'pending'",
    error: parameterAfterColumns(),
    settled_at: "NULL",
    next_attempt_at: `now() + ${parameterAfterColumns(1)} * interval '1 ms'`,
  });
  const text = `${pending}, ${addRetryJobSql("svix_id", "next_attempt_at")}`;
  const values = [...columnArrays([delivery]), fault, backoffMs(1)];
  return (await insert("record pending", text, values))(delivery);
}

async function record(message: Message): Promise<StoredOutcome> {
  const parsed = parseDelivery(message.body);
  const delivery = deliveryRow(message, parsed);
  const origin = await originOf(parsed);
  if (origin === "example") return recordWithoutEffect("ignored", delivery);
  if (origin === "foreign") {
    log.warn("webhook quarantined: its signature is good, but it is from another Clerk instance", {
      svixId: message.svixId,
      instanceId: parsed.instanceId,
    });
    return recordWithoutEffect("quarantined", delivery);
  }
  if (parsed.handling !== "mirrored") return recordWithoutEffect(parsed.handling, delivery);
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId: message.svixId };
  try {
    const change = decide(parsed.event, source);
    return await recorderFor(change.table)({ change, delivery });
  } catch (error) {
    if (isDuplicateDelivery(error) || !isDeliveryError(error)) throw error;
    return recordPending(delivery, errorClass(error));
  }
}

async function compareWithStored({ svixId, body }: Message): Promise<"duplicate" | "conflict"> {
  const stored = await database().prisma.deliveryId.findUnique({ where: { svixId } });
  const sha256 = sha256Of(body);
  if (stored && sha256.equals(stored.sha256)) return "duplicate";
  await recordAudit({
    actor: "clerk",
    action: "delivery.conflict",
    subject: svixId,
    detail: { sha256: sha256.toString("hex") },
  });
  return "conflict";
}

async function recordOnce(message: Message): Promise<Outcome> {
  try {
    return await record(message);
  } catch (error) {
    if (!isDuplicateDelivery(error)) throw error;
    return compareWithStored(message);
  }
}

/** The messages that are being stored, by their svix-id. */
const storing = new Map<string, { body: Buffer; outcome: Promise<Outcome> }>();

/**
 * Stores a verified message and applies it. Resolves once the message is durably committed. A copy of a message that is being
 * stored shares its outcome: on a busy server, the statements of 50 copies, one after the other, would miss the deadline.
 * @throws if the database fails, and the sender must try again. Normally nothing is stored then. The message is stored if only
 * the response to the commit was lost: the next try is then a duplicate.
 */
export async function recordDelivery(message: Message): Promise<Outcome> {
  const { svixId, body } = message;
  const original = storing.get(svixId);
  if (original?.body.equals(body)) {
    return (await original.outcome) === "conflict" ? "conflict" : "duplicate";
  }
  const outcome = recordOnce(message);
  if (original) return outcome;
  storing.set(svixId, { body, outcome });
  return outcome.finally(() => storing.delete(svixId));
}
