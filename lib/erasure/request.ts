/**
 * Records who requested the deletion of a user or an organization and why, before Clerk deletes it. Without this record, the
 * erasure's reason is `unknown`.
 */
import { database } from "../db";

type ErasureRequest = {
  /** The kind of the subject; by default a user. */
  kind?: "user" | "organization";
  id: string;
  reason: "user_requested" | "admin_action" | "policy_violation";
  /** The id of the user who requested the deletion. */
  requestedBy: string;
};

/**
 * Records the request; the erasure begins only after Clerk has reported the deletion. Replaces an earlier request that has not
 * led to a deletion. Resolves to the token with which the erasure's receipt can be read.
 */
export async function recordErasureRequest(request: ErasureRequest): Promise<string> {
  const { kind = "user", id, reason, requestedBy } = request;
  const { pool } = database();
  await pool.query(
    `INSERT INTO erasures AS e (subject_kind, subject_id, reason, requested_by, addresses, step, next_at)
     VALUES ($4, $1, $2, $3, '{}', 'requested', NULL)
     ON CONFLICT (subject_kind, subject_id) DO UPDATE
       SET reason = EXCLUDED.reason, requested_by = EXCLUDED.requested_by, requested_at = now() WHERE e.step = 'requested'`,
    [id, reason, requestedBy, kind],
  );
  const { rows } = await pool.query<{ token: string }>(
    "SELECT receipt_token AS token FROM erasures WHERE (subject_kind, subject_id) = ($2, $1)",
    [id, kind],
  );
  const [erasure] = rows;
  if (!erasure) throw new Error("The request of an erasure has gone.");
  return erasure.token;
}
