/**
 * Takes a stored delivery through *decide* and *apply* again: after a failure, or in a replay. The guard makes a second
 * time harmless. What failed waits for its next try; after the last it is a dead letter and blocks nobody.
 */
import { database } from "../../db";
import { log } from "../../log";
import { type ParsedDelivery, parseDelivery } from "../event/parse-delivery";
import { rowsJson, upsertSql } from "../mirror/apply";
import { decide } from "../mirror/decide";
import { type Origin, originOf } from "./clerk-instance";
import { errorClass, isDeliveryError } from "./database-error";
import type { StoredOutcome } from "./record";
import { addRetryJobSql, backoffMs, MAX_ATTEMPTS } from "./retry-queue";

type Stored = { svixId: string; body: Uint8Array; receivedAt: Date; attempts: number };

async function update(name: string, text: string, values: unknown[]): Promise<StoredOutcome> {
  const { rows } = await database().pool.query<{ outcome: StoredOutcome }>({ name, text, values });
  const row = rows[0];
  if (!row) throw new Error("the delivery is gone");
  return row.outcome;
}

const settled = `settled_at = COALESCE(settled_at, now()), error = NULL, next_attempt_at = NULL,
  attempts = attempts + CASE WHEN outcome IN ('pending', 'dead') THEN 1 ELSE 0 END`;

/** Null when the delivery is to be applied. */
function outcomeWithoutApply(handling: ParsedDelivery["handling"], origin: Origin) {
  if (origin === "foreign") return "quarantined";
  if (origin === "example") return "ignored";
  return handling === "mirrored" ? null : handling;
}

async function apply({ svixId, body, receivedAt }: Stored): Promise<StoredOutcome> {
  const parsed = parseDelivery(Buffer.from(body));
  const origin = parsed.instanceId === null ? "unknown" : await originOf(parsed.instanceId);
  const outcome = outcomeWithoutApply(parsed.handling, origin);
  if (outcome !== null || parsed.handling !== "mirrored") {
    return update(
      "settle only",
      `UPDATE deliveries SET outcome = $2, ${settled} WHERE svix_id = $1 RETURNING outcome`,
      [svixId, outcome],
    );
  }
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId };
  const change = decide(parsed.event, source);
  return update(
    `settle ${change.table}`,
    // What was applied once stays so: a replay finds its own clock in the row, which is no news.
    `${upsertSql(change.table, "replay")} UPDATE deliveries
       SET outcome = CASE WHEN outcome = 'applied' OR EXISTS (SELECT 1 FROM changed) THEN 'applied' ELSE 'stale' END,
         ${settled}
     WHERE svix_id = $3 RETURNING outcome`,
    [rowsJson([change]), receivedAt, svixId],
  );
}

function recordFailure({ svixId, attempts }: Stored, fault: string): Promise<StoredOutcome> {
  const failed = attempts + 1;
  if (failed >= MAX_ATTEMPTS) {
    log.warn("webhook is a dead letter: its last try failed", { svixId, fault });
    return update(
      "bury delivery",
      `UPDATE deliveries SET outcome = 'dead', attempts = $2, error = $3, settled_at = now(), next_attempt_at = NULL
       WHERE svix_id = $1 RETURNING outcome`,
      [svixId, failed, fault],
    );
  }
  return update(
    "postpone delivery",
    `UPDATE deliveries SET outcome = 'pending', attempts = $2, error = $3, settled_at = NULL,
       next_attempt_at = now() + $4 * interval '1 ms'
     WHERE svix_id = $1 RETURNING outcome, ${addRetryJobSql("svix_id", "next_attempt_at")}`,
    [svixId, failed, fault, backoffMs(failed)],
  );
}

/**
 * Applies one stored delivery. Resolves to null when there is nothing to apply it from: unknown, or past retention.
 * @throws when the database as a whole fails.
 */
export async function settleDelivery(svixId: string): Promise<StoredOutcome | null> {
  const row = await database().prisma.delivery.findUnique({
    where: { svixId },
    select: { svixId: true, body: true, receivedAt: true, attempts: true },
  });
  if (!row?.body) return null;
  const stored = { ...row, body: row.body };
  try {
    return await apply(stored);
  } catch (error) {
    if (!isDeliveryError(error)) throw error;
    return recordFailure(stored, errorClass(error));
  }
}

/** The job: tries again what still waits; a delivery that was settled meanwhile is left alone. */
export async function retryDelivery(svixId: string): Promise<void> {
  const { prisma } = database();
  if ((await prisma.delivery.count({ where: { svixId, outcome: "pending" } })) === 0) return;
  await settleDelivery(svixId);
}
