/**
 * Deletes a user at Clerk at the user's own request. The mirror changes through Clerk's event, as when an admin deletes a user.
 */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { recordErasureRequest } from "../erasure/request";

/** Resolves to the token that gives access to the receipt of the erasure. */
export async function deleteAccount(userId: string): Promise<string> {
  // Records the request before Clerk is called, so that the request is on record even if Clerk's response is lost.
  await recordAudit({ actor: userId, action: "account.delete", subject: userId });
  const receiptToken = await recordErasureRequest({
    id: userId,
    reason: "user_requested",
    requestedBy: userId,
  });
  await clerk().users.deleteUser(userId);
  return receiptToken;
}
