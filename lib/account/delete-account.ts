/** Deletes a user at Clerk at their own wish. Everything here follows from Clerk's event, as when an admin deletes a user. */
import { recordAudit } from "../audit";
import { clerk } from "../clerk";
import { recordErasureRequest } from "../erasure/request";

export async function deleteAccount(userId: string): Promise<void> {
  // Recorded first: it says who asked, also when the answer of Clerk is lost.
  await recordAudit({ actor: userId, action: "account.delete", subject: userId });
  await recordErasureRequest({ id: userId, reason: "user_requested", requestedBy: userId });
  await clerk().users.deleteUser(userId);
}
