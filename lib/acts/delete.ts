/** Deletes a user or an organization at Clerk for an admin, and records who requested it and why. */
import { isClerkAPIResponseError } from "@clerk/backend/errors";
import {
  deleteGone,
  type ErasureRequest,
  recordErasureRequest,
  wasUndone,
  withdrawErasureRequest,
} from "../erasure/request";
import { callClerk, refusalOf } from "./at-clerk";

/**
 * Records the request, and sends it to Clerk with `ask`. A subject whose former deletion was undone no longer exists at Clerk, so
 * it is deleted here. @throws the errors of {@link callClerk} and of {@link recordErasureRequest}
 */
export async function deleteAtClerk(
  request: ErasureRequest,
  ask: () => Promise<unknown>,
): Promise<void> {
  const { kind = "user", id } = request;
  const isUndone = await wasUndone(kind, id);
  await recordErasureRequest(request);
  try {
    await callClerk(ask);
  } catch (error) {
    const isGone = isClerkAPIResponseError(error) && error.status === 404;
    if (isGone && isUndone) return deleteGone(request);
    // After a 404, the request may be that of an earlier deletion whose event has not arrived yet.
    if (!isGone && refusalOf(error).isCertain) await withdrawErasureRequest(request);
    throw error;
  }
}
