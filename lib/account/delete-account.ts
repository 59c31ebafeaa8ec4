/**
 * Deletes a user at the user's own request: here at once, and then at Clerk. While Clerk is away, the deletion at Clerk is a
 * stored call, which the worker repeats until it succeeds.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { database } from "../db";
import { withDeadline } from "../deadline";
import { recordErasureRequest } from "../erasure/request";
import { log } from "../log";
import { applyOwnDeletion } from "../sync/mirror/apply";

const CLERK_TIMEOUT_MS = 5_000;
/** The worker leaves the call to this request for so long. Longer than {@link CLERK_TIMEOUT_MS}. */
const CALL_AFTER_S = 10;

/** Stores the call that deletes the user at Clerk. Undoing the deletion during a holdback drops the call. */
async function storeCall(userId: string): Promise<string | undefined> {
  const { rows } = await database().pool.query<{ id: string }>(
    `INSERT INTO erasure_calls (call, object_id, erasure_id, next_at)
     SELECT 'delete_user', subject_id, id, now() + $2 * interval '1 s' FROM erasures
     WHERE (subject_kind, subject_id) = ('user', $1) RETURNING id::text`,
    [userId, CALL_AFTER_S],
  );
  return rows[0]?.id;
}

async function deleteAtClerk(userId: string, callId: string | undefined): Promise<void> {
  try {
    await withDeadline(clerk().users.deleteUser(userId), CLERK_TIMEOUT_MS, () => {
      throw new Error("Clerk did not answer in time.");
    });
    await database().pool.query("DELETE FROM erasure_calls WHERE id = $1", [callId]);
  } catch (error) {
    log.warn("account: the deletion at Clerk is tried again", { userId }, error);
  }
}

/**
 * Resolves to the token that gives access to the receipt of the erasure. The user's access has ended by then. @throws OnlyAdmin
 */
export async function deleteAccount(userId: string): Promise<string> {
  const receiptToken = await recordErasureRequest({
    id: userId,
    reason: "user_requested",
    requestedBy: userId,
  });
  await recordAudit({ actor: userId, action: "account.delete", subject: userId });
  // Before the deletion here: after a crash between the two, Clerk deletes the user, and its event does the rest.
  const callId = await storeCall(userId);
  await applyOwnDeletion(userId);
  await deleteAtClerk(userId, callId);
  return receiptToken;
}
