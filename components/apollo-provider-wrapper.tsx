"use client";

/** One Apollo Client for the life of the page. Its cache is reset when the user or the active organization changes. */
import { ApolloProvider, useApolloClient } from "@apollo/client/react";
import { useAuth, useClerk } from "@clerk/nextjs";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { makeClient } from "./apollo/make-client";
import { browserSession } from "./apollo/session";

/**
 * {@link useAuth}, which counts as loaded only when Clerk's state is stable. clerk-js (6.40) reports "signed out" for a moment when
 * a token resolves during a switch of the session or organization; its client still has the session then.
 */
function useSettledAuth() {
  const auth = useAuth();
  const { client } = useClerk();
  const hasSession = (client?.signedInSessions.length ?? 0) > 0;
  return { ...auth, isLoaded: auth.isLoaded && (auth.isSignedIn || !hasSession) };
}

/**
 * The user and organization that the cache belongs to. Outlives the provider, as the cache does: a user who signs out lands
 * on a page without the provider, and the next one may sign in from there without a reload.
 */
let cacheIdentity: string | undefined;

/** Data of one user or organization must not be shown to the next. */
function ResetCacheOnSwitch() {
  const client = useApolloClient();
  const router = useRouter();
  const { isLoaded, userId, orgId } = useSettledAuth();
  const identity = isLoaded ? `${userId ?? ""} ${orgId ?? ""}` : undefined;
  useEffect(() => {
    if (identity === undefined || identity === cacheIdentity) return;
    const isFirst = cacheIdentity === undefined;
    cacheIdentity = identity;
    if (isFirst) return;
    browserSession.notifySwitch();
    if (userId) {
      const reset = client.cache.reset({ discardWatches: false });
      // Errors are shown where the queries are rendered.
      reset.then(() => client.refetchObservableQueries()).catch(() => undefined);
    } else {
      // Signed out: no query is sent again, and the server redirects from pages that need a user.
      client.cache.reset({ discardWatches: true }).then(() => router.refresh());
    }
  }, [client, router, identity, userId]);
  return null;
}

/** Also made on the server, where no component sends an operation: pages query there in process. */
const client = makeClient(browserSession);

export function ApolloProviderWrapper({ children }: { children: ReactNode }) {
  const { isLoaded, isSignedIn, getToken } = useSettledAuth();
  useEffect(() => {
    // Until Clerk is loaded, operations wait for it.
    if (isLoaded) browserSession.setTokenSource(getToken, isSignedIn === true);
  }, [isLoaded, isSignedIn, getToken]);
  return (
    <ApolloProvider client={client}>
      <ResetCacheOnSwitch />
      {children}
    </ApolloProvider>
  );
}
