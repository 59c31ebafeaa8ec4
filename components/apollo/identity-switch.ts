/** Empties Apollo's cache when the user or the active organization changes: one identity's data must not be shown to the next. */
import type { ApolloClient } from "@apollo/client";
import type { Session } from "./session";

type Options = {
  client: ApolloClient;
  session: Pick<Session, "notifySwitch">;
  /** Called after a user has signed out, to refresh the page: the server then redirects from a page that needs a user. */
  onSignedOut: () => void;
};

/**
 * The identity (user and organization) whose data each client's cache holds. Outlives the components, as the cache does: a user who
 * signs out lands on a page without the provider, and another user may sign in from there without a reload.
 */
const identities = new WeakMap<ApolloClient, string>();

/**
 * Empties the client's cache if the identity differs from the identity of the previous call. Call it whenever the identity may
 * have changed, with null for a guest. The first call only stores the identity.
 */
export async function switchIdentity(
  identity: { userId: string; organizationId: string | null } | null,
  { client, session, onSignedOut }: Options,
): Promise<void> {
  const key = identity ? `${identity.userId} ${identity.organizationId ?? ""}` : "";
  const before = identities.get(client);
  if (key === before) return;
  identities.set(client, key);
  if (before === undefined) return;
  session.notifySwitch();
  await client.cache.reset({ discardWatches: identity === null });
  if (identity === null) return onSignedOut();
  // A failed refetch is ignored here, because the component that uses the query shows its error.
  await client.refetchObservableQueries().catch(() => undefined);
}
