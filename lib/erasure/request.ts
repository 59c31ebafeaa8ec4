/**
 * Records who requested the deletion of a user and why, before Clerk deletes the user. Without this record, the erasure's reason
 * is `unknown`.
 */
import { database } from "../db";

type ErasureRequest = {
  /** The user to be deleted. */
  id: string;
  reason: "user_requested" | "admin_action" | "policy_violation";
  /** The id of the user who requested the deletion. */
  requestedBy: string;
};

/**
 * The erasure begins only when the user's deletion arrives. Replaces an earlier request that has not led to a deletion. Resolves
 * to the token that reads the erasure's receipt.
 */
export async function recordErasureRequest(request: ErasureRequest): Promise<string> {
  const { id, reason, requestedBy } = request;
  const { pool } = database();
  await pool.query(
    `INSERT INTO erasures AS e (subject_kind, subject_id, reason, requested_by, addresses, step, next_at)
     VALUES ('user', $1, $2, $3, '{}', 'requested', NULL)
     ON CONFLICT (subject_kind, subject_id) DO UPDATE
       SET reason = EXCLUDED.reason, requested_by = EXCLUDED.requested_by, requested_at = now() WHERE e.step = 'requested'`,
    [id, reason, requestedBy],
  );
  const { rows } = await pool.query<{ token: string }>(
    "SELECT receipt_token AS token FROM erasures WHERE (subject_kind, subject_id) = ('user', $1)",
    [id],
  );
  const [erasure] = rows;
  if (!erasure) throw new Error("The request of an erasure has gone.");
  return erasure.token;
}
