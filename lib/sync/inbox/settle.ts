/**
 * Applies a stored delivery again, after a failure or in a replay. The version guard makes this harmless. A delivery that fails
 * is pending until its next try; after the last try it is a dead letter, and blocks no other delivery.
 */
import { backoffMs, MAX_ATTEMPTS } from "../../backoff";
import { database, type Queryable } from "../../db";
import { log } from "../../log";
import { metrics } from "../../telemetry/metrics";
import {
  annotate,
  contextOfTraceparent,
  DELIVERY_ID,
  DELIVERY_OUTCOME,
  withSpan,
} from "../../telemetry/tracing";
import { type ParsedDelivery, parseDelivery } from "../event/parse-delivery";
import { rowsJson, upsertSql } from "../mirror/apply";
import type { Cause } from "../mirror/cause";
import { decide } from "../mirror/decide";
import type { StoredOutcome } from "../monitoring/delivery-lists";
import { type Origin, originOf } from "./clerk-instance";
import { errorClass, isDeliveryError } from "./database-error";
import { addRetryJobSql } from "./retry-queue";

type Stored = {
  svixId: string;
  body: Uint8Array;
  receivedAt: Date;
  attempts: number;
  outcome: string;
  /** The span of the webhook that brought the delivery, so that later tries join its trace. */
  traceparent: string | null;
};

type Update = { name: string; text: string; values: unknown[] };

/** Updates one delivery. The statement's condition has the time of receipt, so that Postgres searches one partition only. */
async function update(db: Queryable, statement: Update): Promise<StoredOutcome> {
  const { rows } = await db.query<{ outcome: StoredOutcome }>(statement);
  const row = rows[0];
  if (!row) throw new Error("the delivery no longer exists");
  return row.outcome;
}

const settledColumns = `settled_at = COALESCE(settled_at, now()), error = NULL, next_attempt_at = NULL,
  attempts = attempts + CASE WHEN outcome IN ('pending', 'dead') THEN 1 ELSE 0 END`;

/** Returns the outcome of a delivery that is not to be applied, or null if it is to be applied. */
function outcomeWithoutApply(handling: ParsedDelivery["handling"], origin: Origin) {
  if (origin === "foreign") return "quarantined";
  if (origin === "example") return "ignored";
  return handling === "mirrored" ? null : handling;
}

/** Outcomes of deliveries whose data was never compared with the mirror. */
const neverApplied = new Set(["pending", "dead", "unreadable", "quarantined"]);

async function apply(
  db: Queryable,
  { svixId, body, receivedAt, outcome: before }: Stored,
  replayCause: Cause | null,
): Promise<StoredOutcome> {
  const parsed = parseDelivery(Buffer.from(body));
  const origin = await originOf(parsed);
  const outcome = outcomeWithoutApply(parsed.handling, origin);
  if (outcome !== null || parsed.handling !== "mirrored") {
    return update(db, {
      name: "settle only",
      text: `UPDATE deliveries SET outcome = $2, unread = $3, ${settledColumns}
       WHERE svix_id = $1 AND received_at = $4 RETURNING outcome`,
      values: [svixId, outcome, parsed.unread, receivedAt],
    });
  }
  const source = { eventTimestamp: parsed.occurredAt ?? 0, svixId };
  const change = decide(parsed.event, source);
  const cause = neverApplied.has(before) ? "webhook" : replayCause;
  return update(db, {
    name: `settle ${change.table}`,
    // An applied delivery keeps this outcome in a replay. The row already has the delivery's version or a greater one, so a
    // replay changes nothing.
    text: `${upsertSql(change.table, "replay")} UPDATE deliveries
       SET outcome = CASE WHEN outcome = 'applied' OR EXISTS (SELECT 1 FROM changed) THEN 'applied' ELSE 'stale' END,
         unread = $5, ${settledColumns}
     WHERE svix_id = $4 AND received_at = $2 RETURNING outcome`,
    values: [rowsJson([change]), receivedAt, cause ?? "", svixId, parsed.unread],
  });
}

function recordFailure(
  db: Queryable,
  { svixId, receivedAt, attempts }: Stored,
  fault: string,
): Promise<StoredOutcome> {
  const failed = attempts + 1;
  if (failed >= MAX_ATTEMPTS) {
    log.warn("delivery is a dead letter: its last try failed", { svixId, fault });
    return update(db, {
      name: "record dead letter",
      text: `UPDATE deliveries SET outcome = 'dead', attempts = $2, error = $3, settled_at = now(), next_attempt_at = NULL
       WHERE svix_id = $1 AND received_at = $4 RETURNING outcome`,
      values: [svixId, failed, fault, receivedAt],
    });
  }
  return update(db, {
    name: "schedule retry",
    text: `UPDATE deliveries SET outcome = 'pending', attempts = $2, error = $3, settled_at = NULL,
       next_attempt_at = now() + $4 * interval '1 ms'
     WHERE svix_id = $1 AND received_at = $5 RETURNING outcome, ${addRetryJobSql("svix_id", "next_attempt_at")}`,
    values: [svixId, failed, fault, backoffMs(failed), receivedAt],
  });
}

/** Where a delivery is applied: the pool, or a transaction that a preview rolls back. */
type Settling = {
  db: Queryable;
  /** Runs `work` so that a failed statement in it does not prevent later statements of the same transaction. */
  attempt<Result>(work: () => Promise<Result>): Promise<Result>;
};

const onPool = (): Settling => ({ db: database().pool, attempt: (work) => work() });

const storedSql = `SELECT svix_id AS "svixId", body, received_at AS "receivedAt", attempts, outcome, traceparent
  FROM deliveries WHERE svix_id = $1 AND body IS NOT NULL`;

/**
 * Applies one stored delivery. Resolves to its new outcome, or to null if the delivery is unknown or its body is past retention.
 * Effects run for a delivery that was never applied before. With a `replayCause`, they also run for a delivery that was applied
 * before.
 * @throws when the database fails, not when only this delivery fails.
 */
export async function settleDelivery(
  svixId: string,
  replayCause: Cause | null = null,
  { db, attempt }: Settling = onPool(),
): Promise<StoredOutcome | null> {
  const [stored] = (await db.query<Stored>(storedSql, [svixId])).rows;
  if (!stored) return null;
  const parent = contextOfTraceparent(stored.traceparent);
  const attributes = { [DELIVERY_ID]: svixId, "rollcall.delivery.attempt": stored.attempts + 1 };
  return withSpan("apply delivery again", { parent, attributes }, async () => {
    const outcome = await attempt(() => apply(db, stored, replayCause)).catch((error) => {
      if (!isDeliveryError(error)) throw error;
      return recordFailure(db, stored, errorClass(error));
    });
    annotate({ [DELIVERY_OUTCOME]: outcome });
    return outcome;
  });
}

/** Runs the worker's task: retries the delivery if it is still pending. */
export async function retryDelivery(svixId: string): Promise<void> {
  const { prisma } = database();
  const pending = await prisma.delivery.findFirst({
    where: { svixId, outcome: "pending" },
    select: { receivedAt: true },
  });
  if (!pending) return;
  const outcome = await settleDelivery(svixId);
  if (outcome === "pending" || outcome === "dead") return;
  const delay = (Date.now() - pending.receivedAt.getTime()) / 1_000;
  metrics()?.applyDelay.observe({ settled: "by a retry" }, delay);
}
