/**
 * First call: a person whose `user.created` has not come yet is fetched from Clerk and written through the same guard as
 * every event. A person who was deleted meanwhile stays deleted: the guard sees to it.
 */
import { clerk } from "../clerk";
import { applyChange } from "../sync/apply";
import { fromBackendApi, userChange } from "../sync/decide";
import { clerkUser } from "../sync/event";

const inFlight = new Map<string, Promise<void>>();

async function provision(userId: string): Promise<void> {
  const user = await clerk().users.getUser(userId);
  await applyChange(userChange(clerkUser.parse(user.raw), fromBackendApi));
}

/**
 * Mirrors one person now; parallel calls in this process share one request to Clerk.
 * @throws when Clerk does not know the person or does not answer.
 */
export function provisionUser(userId: string): Promise<void> {
  const running = inFlight.get(userId);
  if (running) return running;
  const started = provision(userId).finally(() => inFlight.delete(userId));
  inFlight.set(userId, started);
  return started;
}
