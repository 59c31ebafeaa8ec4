/**
 * Records who requested the deletion of a user or an organization and why, before Clerk deletes it. Without this record, the
 * erasure's reason is `unknown`.
 */
import { database, transaction } from "../db";
import type { Reason } from "./archive-store";
import { findRefusingOrganizations, OnlyAdmin } from "./last-admin";
import { makeTombstones } from "./tombstone";

export type ErasureRequest = {
  /** The kind of the subject; by default a user. */
  kind?: "user" | "organization";
  id: string;
  reason: Exclude<Reason, "unknown">;
  /** The id of the user who requested the deletion. */
  requestedBy: string;
};

/**
 * Records the request; the erasure begins only after Clerk has reported the deletion. Replaces an earlier request that has not
 * led to a deletion; but a user's own request does not replace that of an admin within an hour, whose deletion Clerk is carrying
 * out. A deletion that was undone stays undone until the next one. Resolves to the token with which the erasure's receipt can be
 * read. @throws OnlyAdmin if an organization would keep members but lose its only admin, and the policy refuses that
 */
export async function recordErasureRequest(request: ErasureRequest): Promise<string> {
  const { kind = "user", id, reason, requestedBy } = request;
  const { pool } = database();
  const { rowCount } = await pool.query(
    `INSERT INTO erasures AS e (subject_kind, subject_id, reason, requested_by, addresses, step, next_at)
     VALUES ($4, $1, $2, $3, '{}', 'requested', NULL)
     ON CONFLICT (subject_kind, subject_id) DO UPDATE
       SET reason = EXCLUDED.reason, requested_by = EXCLUDED.requested_by, requested_at = now()
       WHERE e.step IN ('requested', 'undone')
         AND NOT (e.reason IN ('admin_action', 'policy_violation') AND EXCLUDED.reason = 'user_requested' AND e.requested_at > now() - interval '1 hour')`,
    [id, reason, requestedBy, kind],
  );
  // After the request is stored: of two admins whose deletions are requested at the same time, at least one finds the other's request.
  if (rowCount === 1 && kind === "user" && (await findRefusingOrganizations(id)) !== null) {
    await withdrawErasureRequest(request);
    throw new OnlyAdmin();
  }
  const { rows } = await pool.query<{ token: string }>(
    "SELECT receipt_token AS token FROM erasures WHERE (subject_kind, subject_id) = ($2, $1)",
    [id, kind],
  );
  const [erasure] = rows;
  if (!erasure) throw new Error("The request of an erasure has gone.");
  return erasure.token;
}

/** Forgets the request of an admin whose deletion Clerk refused: a later deletion by somebody else has its own reason. */
export async function withdrawErasureRequest(request: ErasureRequest): Promise<void> {
  const { kind = "user", id, requestedBy } = request;
  const { pool } = database();
  await pool.query(
    "DELETE FROM erasures WHERE (subject_kind, subject_id) = ($1, $2) AND step = 'requested' AND requested_by = $3",
    [kind, id, requestedBy],
  );
  await pool.query(
    `UPDATE erasures SET reason = 'unknown', requested_by = NULL
     WHERE (subject_kind, subject_id) = ($1, $2) AND step = 'undone' AND requested_by = $3`,
    [kind, id, requestedBy],
  );
}

/** True if a deletion of the subject was undone: it is shown here, but no longer exists at Clerk. */
export async function wasUndone(kind: "user" | "organization", id: string): Promise<boolean> {
  const { rows } = await database().pool.query(
    "SELECT FROM erasures WHERE (subject_kind, subject_id) = ($1, $2) AND step = 'undone'",
    [kind, id],
  );
  return rows.length > 0;
}

/** Deletes a subject here that is gone at Clerk, so that no event reports the deletion. The team's handlers hear of it. */
export const deleteGone = ({ kind = "user", id }: ErasureRequest): Promise<void> =>
  transaction(async (db) => {
    await db.query("SELECT set_config('rollcall.effect_cause', 'account', true)");
    await makeTombstones(db, kind, [id]);
  });
