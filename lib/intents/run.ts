/**
 * Stores the actions that guests start, and runs each only once. An intent is identified by its id and by the secret in the
 * cookie of the browser that made it. The database holds only the secret's digest. One UPDATE in the action's transaction claims
 * the intent: if two tabs resume an intent at the same time, one tab runs it and both report the result.
 */
import { createHash } from "node:crypto";
import { z } from "zod";
import { database, type Queryable, transaction } from "../db";
import type { Result } from "./action-types";
import { decide, EXPIRES_AFTER_MS, type IntentRow, type Runner, UNDO_WITHIN_MS } from "./decide";
import type { BoundAction } from "./guarded-action";
import type { Registry } from "./registry";

const row = z.object({
  id: z.string(),
  action: z.string(),
  args: z.unknown(),
  madeAt: z.date(),
  madeBy: z.string().nullable(),
  expiresAt: z.date(),
  state: z.enum(["pending", "done", "refused", "discarded", "undone"]),
  userId: z.string().nullable(),
  changed: z.boolean(),
  readAt: z.date(),
});

const COLUMNS = `id, action, args, made_at AS "madeAt", made_by AS "madeBy", expires_at AS "expiresAt", state,
  user_id AS "userId", changed, clock_timestamp() AS "readAt"`;

const messages = {
  unknown: "This action is not possible any more.",
  expired: "This was not done: it was started more than 30 minutes ago. Press the button again.",
  used: "This was not done: it was used or withdrawn before. Press the button again.",
  "not-here":
    "This was not done here, because it was started in another browser. Press the button again.",
  undo: "This cannot be undone any more.",
} as const;

const digestOf = (secret: string) => createHash("sha256").update(secret).digest();

const refused = (id: string, why: keyof typeof messages): Result => ({
  id,
  status: "refused",
  text: messages[why],
});

/**
 * Runs with each new intent. Deletes up to 20 intents that expired more than a day ago, so the table holds about one day's
 * intents.
 */
const DELETE_EXPIRED = `DELETE FROM intents WHERE id IN (
  SELECT id FROM intents WHERE expires_at < now() - interval '1 day' LIMIT 20 FOR UPDATE SKIP LOCKED)`;

async function insert(
  db: Queryable,
  intent: { id: string; secret: string; action: string; bound: BoundAction; madeBy: string | null },
): Promise<boolean> {
  const { id, secret, action, bound, madeBy } = intent;
  const { rowCount } = await db.query(
    `WITH deleted AS (${DELETE_EXPIRED})
     INSERT INTO intents (id, secret_digest, action, args, made_by, expires_at)
     VALUES ($1, $2, $3, $4::jsonb, $5, now() + $6 * interval '1 ms') ON CONFLICT (id) DO NOTHING`,
    [id, digestOf(secret), action, JSON.stringify(bound.args), madeBy, EXPIRES_AFTER_MS],
  );
  return rowCount === 1;
}

async function findIntent(id: string, secret: string): Promise<IntentRow | null> {
  const { rows } = await database().pool.query(
    `SELECT ${COLUMNS} FROM intents WHERE id = $1 AND secret_digest = $2`,
    [id, digestOf(secret)],
  );
  return rows[0] ? row.parse(rows[0]) : null;
}

async function settle(
  db: Queryable,
  id: string,
  bound: BoundAction,
  userId: string,
): Promise<Result> {
  const performed = await bound.perform(db, userId);
  const isRefused = typeof performed === "object";
  const changed = performed === "changed";
  await db.query("UPDATE intents SET state = $2, changed = $3 WHERE id = $1", [
    id,
    isRefused ? "refused" : "done",
    changed,
  ]);
  if (isRefused) return { id, status: "refused", text: performed.refused };
  return {
    id,
    status: "done",
    text: await bound.done(db, userId),
    canUndo: changed && bound.undo !== null,
  };
}

/**
 * Claims an intent for a user. False if the intent is expired or no longer pending. A concurrent claim waits until the first
 * claim commits.
 */
async function claim(db: Queryable, id: string, userId: string): Promise<boolean> {
  const { rowCount } = await db.query(
    `UPDATE intents SET state = 'done', settled_at = now(), user_id = $2
     WHERE id = $1 AND state = 'pending' AND expires_at > now()`,
    [id, userId],
  );
  return rowCount === 1;
}

export type Press = { id: string; secret: string; action: string; args: unknown };

/** Stores a guest's action. Resolves to `refused` if the action or its object does not exist, or if the arguments are invalid. */
export async function deferAction(
  registry: Registry,
  { id, secret, action, args }: Press,
  madeBy: string | null,
): Promise<Result> {
  const { pool } = database();
  const bound = registry.get(action)?.bind(args);
  const purpose = await bound?.purpose(pool);
  if (!bound || !purpose) return refused(id, "unknown");
  await insert(pool, { id, secret, action, bound, madeBy });
  return { id, status: "deferred", text: purpose };
}

/** Performs a signed-in user's action at once. A second request with the same id changes nothing. */
export async function performAction(
  registry: Registry,
  { id, secret, action, args }: Press,
  { userId }: Runner,
): Promise<Result> {
  const bound = registry.get(action)?.bind(args);
  if (!bound || !(await bound.purpose(database().pool))) return refused(id, "unknown");
  return transaction(async (db) => {
    const isNew = await insert(db, { id, secret, action, bound, madeBy: null });
    if (isNew && (await claim(db, id, userId))) return settle(db, id, bound, userId);
    const { rows } = await db.query(
      `SELECT ${COLUMNS} FROM intents WHERE id = $1 AND user_id = $2 AND state = 'done'`,
      [id, userId],
    );
    if (!rows[0]) return refused(id, "used");
    const canUndo = row.parse(rows[0]).changed && bound.undo !== null;
    return { id, status: "done", text: await bound.done(db, userId), canUndo };
  });
}

/** Runs an intent as the user who has signed in. `isConfirmed`: the user has confirmed it. */
export async function runIntent(
  registry: Registry,
  { id, secret }: { id: string; secret: string },
  runner: Runner,
  isConfirmed = false,
): Promise<Result> {
  const intent = await findIntent(id, secret);
  if (!intent) return refused(id, "not-here");
  const { pool } = database();
  const bound = registry.get(intent.action)?.bind(intent.args);
  const purpose = await bound?.purpose(pool);
  if (!bound || !purpose) {
    await discard(id, secret);
    return refused(id, "unknown");
  }
  const isUndoable = bound.undo !== null;
  const decision = decide(intent, runner, { isUndoable, isConfirmed });
  switch (decision.kind) {
    case "ask":
      return { id, status: "ask", why: decision.why, text: purpose };
    case "refuse":
      return refused(id, decision.why);
    case "ran":
      return {
        id,
        status: "done",
        text: await bound.done(pool, runner.userId),
        canUndo: intent.changed && isUndoable,
      };
    case "run": {
      const result = await transaction(async (db) =>
        (await claim(db, id, runner.userId)) ? settle(db, id, bound, runner.userId) : null,
      );
      // The claim failed: another tab claimed the intent first, or the intent has just expired. The claim waited for the other
      // tab's commit, so that tab's result can be read now.
      return result ?? runIntent(registry, { id, secret }, runner, isConfirmed);
    }
  }
}

/**
 * Finds the result of an intent for a browser that has the intent's id but not its secret. Returns the result only if the intent
 * ran as this user. Refuses every other case in the same way, so that an id reveals nothing.
 */
export async function findRun(registry: Registry, id: string, userId: string): Promise<Result> {
  const { pool } = database();
  const { rows } = await pool.query(
    `SELECT ${COLUMNS} FROM intents WHERE id = $1 AND user_id = $2 AND state = 'done'`,
    [id, userId],
  );
  const intent = rows[0] && row.parse(rows[0]);
  const bound = intent && registry.get(intent.action)?.bind(intent.args);
  if (!bound) return refused(id, "not-here");
  const canUndo = intent.changed && bound.undo !== null;
  return { id, status: "done", text: await bound.done(pool, userId), canUndo };
}

/** Resolves to the text that completes "Sign in to …" for a guest's pending action; to null if no such action is pending. */
export async function pendingPurpose(
  registry: Registry,
  { id, secret }: { id: string; secret: string },
): Promise<string | null> {
  const intent = await findIntent(id, secret);
  if (intent?.state !== "pending" || intent.expiresAt <= intent.readAt) return null;
  const bound = registry.get(intent.action)?.bind(intent.args);
  return (await bound?.purpose(database().pool)) ?? null;
}

/** Withdraws a pending intent. */
export async function discard(id: string, secret: string): Promise<void> {
  await database().pool.query(
    `UPDATE intents SET state = 'discarded', settled_at = now()
     WHERE id = $1 AND secret_digest = $2 AND state = 'pending'`,
    [id, digestOf(secret)],
  );
}

/**
 * Reverts an action's change, at most once, and only within {@link UNDO_WITHIN_MS} after the action ran. Only the user as whom
 * the action ran can undo it.
 */
export async function undoAction(
  registry: Registry,
  id: string,
  { userId }: Runner,
): Promise<Result> {
  return transaction(async (db) => {
    const { rows } = await db.query(
      `UPDATE intents SET state = 'undone'
       WHERE id = $1 AND user_id = $2 AND state = 'done' AND changed AND settled_at > now() - $3 * interval '1 ms'
       RETURNING ${COLUMNS}`,
      [id, userId, UNDO_WITHIN_MS],
    );
    const intent = rows[0] && row.parse(rows[0]);
    const bound = intent && registry.get(intent.action)?.bind(intent.args);
    if (!bound?.undo) return refused(id, "undo");
    await bound.undo(db, userId);
    return { id, status: "undone", text: "Undone." };
  });
}
