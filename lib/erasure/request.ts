/** Records who asked for a deletion and why, before Clerk is asked for it. Without this row the reason of an erasure is unknown. */
import { database } from "../db";

type ErasureRequest = {
  /** The user to be deleted. */
  id: string;
  reason: "user_requested" | "admin_action" | "policy_violation";
  /** The id of the user who asks. */
  requestedBy: string;
};

/** The erasure begins when the user's deletion arrives. An earlier request that has not led to one is replaced. */
export async function recordErasureRequest(request: ErasureRequest): Promise<void> {
  const { id, reason, requestedBy } = request;
  await database().pool.query(
    `INSERT INTO erasures AS e (subject_kind, subject_id, reason, requested_by, addresses, step, next_at)
     VALUES ('user', $1, $2, $3, '{}', 'requested', NULL)
     ON CONFLICT (subject_kind, subject_id) DO UPDATE
       SET reason = EXCLUDED.reason, requested_by = EXCLUDED.requested_by, requested_at = now() WHERE e.step = 'requested'`,
    [id, reason, requestedBy],
  );
}
