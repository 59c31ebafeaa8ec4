/**
 * One act on many objects: a dry run, and a job of the worker that runs the items one after another, each like a single act. All
 * items are stored before the first one runs, so the work continues after a worker was killed. All acts that may run in bulk are
 * safe to repeat.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { auditSession } from "../audit";
import { database, type Queryable, transaction } from "../db";
import { env } from "../env";
import type { Act, FieldError } from "./act";
import { acts } from "./acts";
import { addressInReason, hasAddress, isAdminAtClerk, performAct, unconfirmed } from "./perform";

/** The maximum number of objects: more than a person selects on a page, and few enough for one dry run. */
export const MAX_BULK = 1_000;

const PLATFORM = { kind: "platform" } as const;

export type BulkRequest = {
  name: string;
  objectIds: string[];
  args: unknown;
  reason: string | null;
  actorId: string;
};

export type PlannedItem = {
  objectId: string;
  /** The name of the object. Its id if the act cannot be prepared, for example because the mirror does not have the object. */
  objectName: string;
  /** Why the act would skip this object; null if the act would run. */
  skipped: string | null;
};

export type BulkPlan = { items: PlannedItem[] } | { error: FieldError };

function refuseBulk({ name, objectIds, args }: BulkRequest): FieldError | null {
  const act = acts.get(name);
  if (!act?.manySentence) return { field: "name", message: "This act cannot run on many objects." };
  if (objectIds.length === 0) return { field: "objectIds", message: "Select at least one." };
  if (objectIds.length > MAX_BULK)
    return { field: "objectIds", message: `Select at most ${MAX_BULK.toLocaleString("en-GB")}.` };
  return act.checkArguments(args);
}

const PARALLEL_READS = 8;

/**
 * The dry run: resolves to the objects that the act would change, and those that it would skip, with the reason. Changes nothing.
 */
export async function planBulk(request: BulkRequest): Promise<BulkPlan> {
  const error = refuseBulk(request);
  const act = acts.get(request.name);
  if (error || !act) return { error: error ?? { field: "name", message: "No such act." } };
  const ids = [...new Set(request.objectIds)];
  const items: PlannedItem[] = [];
  for (let from = 0; from < ids.length; from += PARALLEL_READS) {
    const chunk = ids.slice(from, from + PARALLEL_READS).map(async (objectId) => {
      const prepared = await act.prepare(objectId, request.args, request.actorId);
      if ("error" in prepared) {
        const { error, objectName = objectId } = prepared;
        return { objectId, objectName, skipped: error.message };
      }
      return { objectId, objectName: prepared.objectName, skipped: prepared.skipped };
    });
    items.push(...(await Promise.all(chunk)));
  }
  return { items };
}

const created = z.array(z.object({ id: z.string() }));

/** Stores the items, the audit entry and the worker's job in one transaction. Resolves to the id of the bulk act. */
export async function startBulk(
  request: BulkRequest,
): Promise<{ bulkId: string } | { error: FieldError } | "not-admin"> {
  const error = refuseBulk(request);
  const act = acts.get(request.name);
  if (error || !act) return { error: error ?? { field: "name", message: "No such act." } };
  const { name, actorId } = request;
  const reason = request.reason?.trim().slice(0, 500) || null;
  if (act.reason === "required" && !reason)
    return { error: { field: "reason", message: "Give a reason." } };
  if (hasAddress(reason)) return { error: addressInReason };
  try {
    if (!(await isAdminAtClerk(actorId, PLATFORM))) return "not-admin";
  } catch (failure) {
    return { error: unconfirmed(failure) };
  }
  const ids = [...new Set(request.objectIds)];
  return transaction(async (client) => {
    const { rows } = await client.query(
      `INSERT INTO bulk_acts (name, actor_id, arguments, reason) SELECT $1, $2, $3::jsonb, $4
       WHERE EXISTS (SELECT FROM users WHERE id = $2 AND is_admin AND NOT is_banned AND NOT deleted) RETURNING id`,
      [name, actorId, JSON.stringify(request.args), reason],
    );
    const bulkId = created.parse(rows)[0]?.id;
    if (bulkId === undefined) return "not-admin";
    await client.query(
      `INSERT INTO bulk_act_items (bulk_id, position, object_id)
       SELECT $1, position, id FROM unnest($2::text[]) WITH ORDINALITY AS given(id, position)`,
      [bulkId, ids],
    );
    await client.query(
      `INSERT INTO audit_log (actor, action, subject, detail, session_id)
       VALUES ($1, 'bulk.' || $2 || '_requested', $3, jsonb_strip_nulls(jsonb_build_object('count', $4::int, 'reason', $5::text)), $6)`,
      [actorId, name, bulkId, ids.length, reason, auditSession()],
    );
    await addJob(client, bulkId, 0);
    return { bulkId };
  });
}

/** Adds the worker's job for a bulk act. By its job key, a later job of the same act replaces the earlier one. */
async function addJob(db: Queryable, bulkId: string, inSeconds: number) {
  await db.query(
    `SELECT add_queue_job('bulk-act', json_build_object('bulkId', $1::text), job_key => 'bulk-act ' || $1,
       max_attempts => 25, run_at => now() + make_interval(secs => $2))`,
    [bulkId, inSeconds],
  );
}

/** Stops a bulk act before its next item. It keeps its arguments, so that it can be resumed. Resolves to false if the bulk act has already ended. */
export async function stopBulk(bulkId: string, actorId: string): Promise<boolean> {
  const { rowCount } = await database().pool.query(
    `WITH stopped AS (
       UPDATE bulk_acts SET state = 'stopped', ended_at = now(), note = 'An admin stopped it.'
       WHERE id = $1 AND state IN ('running', 'paused') RETURNING id, name
     )
     INSERT INTO audit_log (actor, action, subject, session_id)
     SELECT $2, 'bulk.' || name || '_stopped', id, $3 FROM stopped`,
    [bulkId, actorId, auditSession()],
  );
  return rowCount === 1;
}

/** A stopped bulk act can be resumed for so long. Then the worker empties its arguments. */
const RESUMABLE = "7 days";

/**
 * Goes on with the pending items of a stopped or paused bulk act, in the name of the admin who resumes it. Resolves to null if it
 * goes on.
 */
export async function resumeBulk(
  bulkId: string,
  actorId: string,
): Promise<{ error: FieldError } | "not-admin" | null> {
  try {
    if (!(await isAdminAtClerk(actorId, PLATFORM))) return "not-admin";
  } catch (failure) {
    return { error: unconfirmed(failure) };
  }
  return transaction(async (client) => {
    const { rowCount } = await client.query(
      `WITH resumed AS (
         UPDATE bulk_acts SET state = 'running', ended_at = NULL, note = NULL, actor_id = $2
         WHERE id = $1 AND (state = 'paused' OR state = 'stopped' AND ended_at > now() - interval '${RESUMABLE}')
           AND EXISTS (SELECT FROM users WHERE id = $2 AND is_admin AND NOT is_banned AND NOT deleted)
         RETURNING id, name
       )
       INSERT INTO audit_log (actor, action, subject, session_id)
       SELECT $2, 'bulk.' || name || '_resumed', id, $3 FROM resumed`,
      [bulkId, actorId, auditSession()],
    );
    if (rowCount !== 1)
      return { error: { field: null, message: "It runs, is done, or was stopped too long ago." } };
    await addJob(client, bulkId, 0);
    return null;
  });
}

/** The reason may name a person, so it does not outlive an erasure. Before, a bulk act that can go on needs it. */
const HAS_ERASED_OBJECT = `EXISTS (SELECT FROM bulk_act_items i JOIN erased_ids e ON e.id = i.object_id WHERE i.bulk_id = bulk_acts.id)`;

/** Empties the arguments of the bulk acts that can no longer be resumed, and their reasons if one of their objects was erased. */
export async function clearStoppedBulk(): Promise<void> {
  await database().pool.query(
    `UPDATE bulk_acts SET arguments = '{}', reason = CASE WHEN NOT ${HAS_ERASED_OBJECT} THEN reason END
     WHERE state = 'stopped' AND (arguments <> '{}' OR reason IS NOT NULL AND ${HAS_ERASED_OBJECT}) AND ended_at <= now() - interval '${RESUMABLE}'`,
  );
}

/** Returns what is stored about an item that the act skips: a sentence without names. Null if the act would run. */
function whySkipped(prepared: Awaited<ReturnType<Act["prepare"]>>): string | null {
  if (!("error" in prepared)) return prepared.skipped;
  const { message, storedMessage = message } = prepared.error;
  return storedMessage;
}

type State = "running" | "paused" | "stopped" | "done";

/** Makes this run the only one of the bulk act: an earlier one, in this or another worker, ends after its current item. */
async function claim(bulkId: string): Promise<string> {
  const runner = randomUUID();
  await database().pool.query("UPDATE bulk_acts SET runner = $2 WHERE id = $1", [bulkId, runner]);
  return runner;
}

/** Sets the state of a bulk act, unless the act was stopped or has ended in the meantime. */
async function setState(bulkId: string, state: State, note: string | null): Promise<void> {
  await database().pool.query(
    `UPDATE bulk_acts SET state = $2, note = $3, ended_at = CASE WHEN $2 IN ('stopped', 'done') THEN now() END,
       arguments = CASE WHEN $2 = 'done' THEN '{}' ELSE arguments END,
       reason = CASE WHEN $2 <> 'done' OR NOT ${HAS_ERASED_OBJECT} THEN reason END
     WHERE id = $1 AND state IN ('running', 'paused')`,
    [bulkId, state, note],
  );
}

async function settleItem(
  bulkId: string,
  position: number,
  state: "done" | "skipped" | "refused",
  { note = null, actId = null }: { note?: string | null; actId?: string | null },
): Promise<void> {
  await database().pool.query(
    "UPDATE bulk_act_items SET state = $3, note = $4, act_id = $5 WHERE bulk_id = $1 AND position = $2 AND state = 'pending'",
    [bulkId, position, state, note, actId],
  );
}

/**
 * The number of items after which the actor's role is read from Clerk again. In the mirror, the role is checked for each item.
 */
const CHECK_CLERK_EVERY = 25;
const PATIENCE_S = 120;
const RESUME_AFTER_S = 60;
const RETRY_DELAYS_MS = [1_000, 4_000];

/**
 * The number of requests to Clerk for one item: one for the act, and for some acts one for a list first, such as the user's
 * sessions.
 */
const REQUESTS_PER_ITEM = 2;

const WAIT_FOR_OTHERS_S = 10;

/** True if an earlier bulk act is running. Bulk acts run one after another, because they share Clerk's rate limit. */
async function isAnotherRunning(bulkId: string): Promise<boolean> {
  const { rows } = await database().pool.query(
    `SELECT FROM bulk_acts mine JOIN bulk_acts other ON other.state = 'running' AND (other.requested_at, other.id) < (mine.requested_at, mine.id)
     WHERE mine.id = $1 LIMIT 1`,
    [bulkId],
  );
  return rows.length > 0;
}

/**
 * Returns the pause between two items, in ms. It leaves half of Rollcall's share of Clerk's rate limit to single acts and to the
 * reconciliation.
 */
function pauseBetweenItemsMs(): number {
  const { secretKey, clerkRateShare } = env();
  const perTenSeconds = (secretKey.startsWith("sk_live_") ? 1_000 : 100) * clerkRateShare;
  return (10_000 * REQUESTS_PER_ITEM) / (perTenSeconds * 0.5);
}

type RunOptions = { signal?: AbortSignal; retryDelaysMs?: number[]; pauseMs?: number };

/** The worker's task: runs the pending items of a bulk act until the act is done or stopped, or Clerk does not respond. */
export async function runBulk(bulkId: string, options: RunOptions = {}): Promise<void> {
  const { signal, retryDelaysMs = RETRY_DELAYS_MS, pauseMs = pauseBetweenItemsMs() } = options;
  const { prisma, pool } = database();
  if (await isAnotherRunning(bulkId)) return addJob(pool, bulkId, WAIT_FOR_OTHERS_S);
  await setState(bulkId, "running", null);
  const runner = await claim(bulkId);
  const pauseBulk = async (note: string) => {
    await setState(bulkId, "paused", note);
    await addJob(pool, bulkId, RESUME_AFTER_S);
  };
  let failures = 0;
  for (let count = 0; !signal?.aborted; count += 1) {
    const bulk = await prisma.bulkAct.findUnique({ where: { id: bulkId } });
    if (bulk?.state !== "running" || bulk.runner !== runner) return;
    const item = await prisma.bulkActItem.findFirst({
      where: { bulkId, state: "pending" },
      orderBy: { position: "asc" },
    });
    if (!item) return setState(bulkId, "done", null);
    const { name, actorId, reason, arguments: args } = bulk;
    const { position, objectId } = item;
    const prepared = await acts.get(name)?.prepare(objectId, args, actorId);
    const skipped = prepared && whySkipped(prepared);
    if (skipped) {
      await settleItem(bulkId, position, "skipped", { note: skipped });
      continue;
    }
    const outcome = await performAct(
      { name, objectId, args, reason, actorId, authority: PLATFORM },
      {
        ...{ bulkId, patienceSeconds: PATIENCE_S, isCheckedAtClerk: count % CHECK_CLERK_EVERY > 0 },
        ...(signal && { signal }),
      },
    );
    if (outcome.state === "not-admin")
      return setState(bulkId, "stopped", "The admin who started it is no longer a platform admin.");
    const mayBeRetried =
      outcome.state === "unanswered" ||
      outcome.state === "invalid" ||
      (outcome.state === "refused" && outcome.refusal.code === "rate_limited");
    if (mayBeRetried) {
      const delay = retryDelaysMs[failures];
      failures += 1;
      if (delay === undefined)
        return pauseBulk("Clerk does not answer. The worker tries again every minute.");
      await sleep(delay, undefined, { signal }).catch(() => undefined);
      continue;
    }
    failures = 0;
    await settleItem(bulkId, position, outcome.state === "refused" ? "refused" : "done", {
      actId: outcome.actId,
    });
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  // This worker is shutting down, so another worker continues at once.
  await addJob(pool, bulkId, 0);
}
