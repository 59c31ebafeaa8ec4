/**
 * Deletes a user at Clerk at the user's own request. The mirror changes through Clerk's event, as when an admin deletes a user.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { recordErasureRequest } from "../erasure/request";

export async function deleteAccount(userId: string): Promise<void> {
  // Recorded first, so that the request is on record even if Clerk's response is lost.
  await recordAudit({ actor: userId, action: "account.delete", subject: userId });
  await recordErasureRequest({ id: userId, reason: "user_requested", requestedBy: userId });
  await clerk().users.deleteUser(userId);
}
