/**
 * The holdback and the brake delay the erasure of a deleted subject. Until the erasure begins, the deletion can be undone. Access
 * ends at the deletion in any case. The trigger `hold_erasure` determines which erasures wait, by the limits that
 * {@link writeHoldSettings} stores.
 */
import { z } from "zod";
import { database, type Queryable, transaction } from "../db";
import { env } from "../env";
import { UserError } from "../errors";
import { parseReason } from "./reason";
import { registry } from "./registry";
import { subjectTables } from "./subject";

/** The actor of an action on erasures, and the reason as it was typed. Both are written to the audit log. */
export type ErasureAct = { actor: string; reason: string };

/**
 * Stores the limits for the trigger `hold_erasure`. A worker calls this when it starts. Until a worker has started for the first
 * time, no erasure is held.
 */
export async function writeHoldSettings(db: Queryable): Promise<void> {
  const { erasureHoldbackSeconds, erasureBrakeCount, erasureBrakeShare } = env();
  await db.query(
    `INSERT INTO sync_facts (name, value) VALUES ('erasure_settings', $1)
     ON CONFLICT (name) DO UPDATE SET value = EXCLUDED.value, updated_at = now()`,
    [
      JSON.stringify({
        holdbackSeconds: erasureHoldbackSeconds,
        brakeCount: erasureBrakeCount,
        brakeShare: erasureBrakeShare,
      }),
    ],
  );
}

async function recordAct(
  db: Queryable,
  { actor, reason }: ErasureAct,
  action: string,
  subject: string | null,
  detail: Record<string, number> = {},
): Promise<void> {
  await db.query(
    "INSERT INTO audit_log (actor, action, subject, detail) VALUES ($1, $2, $3, $4::jsonb)",
    [actor, action, subject, JSON.stringify({ reason, ...detail })],
  );
}

export type Brake = {
  engagedAt: Date;
  /** The number of deletions within an hour that engaged the brake. */
  deletions: number;
  /** The number of erasures that wait until the brake is released. */
  waiting: number;
};

const brakeShape = z.object({ engagedAt: z.date(), deletions: z.number(), waiting: z.number() });

/** Resolves to the engaged brake, or to null. */
export async function findBrake(): Promise<Brake | null> {
  const { rows } = await database().pool.query(
    `SELECT engaged_at AS "engagedAt", deletions,
       (SELECT count(*)::int FROM erasures e WHERE e.brake_id = b.id AND e.step = 'held') AS waiting
     FROM erasure_brakes b WHERE released_at IS NULL`,
  );
  return brakeShape.nullable().parse(rows[0] ?? null);
}

/**
 * Releases the brake. Each paused erasure continues as soon as its holdback is over. Resolves to the number of these erasures.
 * @throws UserError if no brake is engaged, or for a reason that {@link parseReason} refuses.
 */
export async function releaseBrake(given: ErasureAct): Promise<number> {
  const act = { ...given, reason: parseReason(given.reason) };
  return transaction(async (db) => {
    const { rows } = await db.query<{ id: string }>(
      `UPDATE erasure_brakes SET released_at = clock_timestamp(), released_by = $1, release_reason = $2
       WHERE released_at IS NULL RETURNING id`,
      [act.actor, act.reason],
    );
    const [brake] = rows;
    if (!brake) throw new UserError("The brake is not engaged: no erasure waits for a release.");
    const { rowCount } = await db.query(
      `UPDATE erasures SET next_at = greatest(clock_timestamp(), deleted_at + $2 * interval '1 s')
       WHERE brake_id = $1 AND step = 'held'`,
      [brake.id, env().erasureHoldbackSeconds],
    );
    await db.query("SELECT add_queue_job('erase', max_attempts => 3)");
    await recordAct(db, act, "erasure.release", null, { erasures: rowCount ?? 0 });
    return rowCount ?? 0;
  });
}

/**
 * Resolves to the columns to restore, as an SQL list. Leaves out `id`, the generated columns, which Postgres computes itself, and
 * the number of members, which is counted also while the organization is deleted.
 */
async function storedColumns(db: Queryable, table: string): Promise<string> {
  const known = Object.keys(registry.find((entry) => entry.table === table)?.columns ?? {});
  const { rows } = await db.query<{ name: string }>(
    `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attgenerated = '' AND attname = ANY ($2::text[]) AND attname NOT IN ('id', 'members_count')`,
    [table, known],
  );
  return rows.map(({ name }) => name).join(", ");
}

const held = z.object({ id: z.string(), kind: z.enum(["user", "organization"]) });

/**
 * Restores the mirrored row of a deleted user or organization whose erasure has not begun. At Clerk, the user or organization
 * stays deleted. A reconciliation does not delete the restored row again, although Clerk does not list it. @throws UserError if
 * no erasure of the subject is held, for example because it has begun, or for a reason that {@link parseReason} refuses.
 */
export async function undoErasure(subjectId: string, given: ErasureAct): Promise<void> {
  const act = { ...given, reason: parseReason(given.reason) };
  return transaction(async (db) => {
    const { rows } = await db.query(
      `SELECT id, subject_kind AS kind FROM erasures WHERE subject_id = $1 AND step = 'held' FOR UPDATE`,
      [subjectId],
    );
    const { data: erasure } = held.safeParse(rows[0]);
    if (!erasure)
      throw new UserError(`${subjectId} is not held back: it is not deleted, or already erased.`);
    const table = subjectTables[erasure.kind];
    const columns = await storedColumns(db, table);
    // A column that a migration has added since the deletion keeps its default.
    await db.query(
      `UPDATE ${table} t SET (${columns}) = (SELECT ${columns} FROM erasures e, jsonb_populate_record(t, e.held_row) WHERE e.id = $2)
       WHERE t.id = $1 AND t.deleted`,
      [subjectId, erasure.id],
    );
    await db.query(
      `UPDATE erasures SET step = 'undone', next_at = NULL, held_row = NULL, brake_id = NULL, addresses = '{}',
         reason = 'unknown', requested_by = NULL WHERE id = $1`,
      [erasure.id],
    );
    await db.query("DELETE FROM erasure_calls WHERE erasure_id = $1", [erasure.id]);
    await db.query("DELETE FROM erased_ids WHERE erasure_id = $1", [erasure.id]);
    await db.query("DELETE FROM late_events WHERE erasure_id = $1", [erasure.id]);
    await recordAct(db, act, "erasure.undo", subjectId);
  });
}
