"use client";

/** Provides one Apollo Client for the life of the page. Its data is dropped when the user changes: {@link switchIdentity}. */
import { ApolloProvider } from "@apollo/client/react";
import { useAuth, useClerk } from "@clerk/nextjs";
import { useRouter } from "next/navigation";
import { type ReactNode, useEffect } from "react";
import { switchIdentity } from "./apollo/identity-switch";
import { makeClient } from "./apollo/make-client";
import { browserSession } from "./apollo/session";

/** The server creates this client too, but never uses it: on the server, pages query the schema in process. */
const client = makeClient(browserSession);

/**
 * Wraps {@link useAuth}, and reports `isLoaded` only when Clerk's state is stable. If a token resolves during a switch of the
 * session or organization, clerk-js (6.40) reports "signed out" for a moment. Meanwhile, Clerk's client still has the session.
 */
function useSettledAuth() {
  const auth = useAuth();
  const clerk = useClerk();
  const hasSession = (clerk.client?.signedInSessions.length ?? 0) > 0;
  return { ...auth, isLoaded: auth.isLoaded && (auth.isSignedIn || !hasSession) };
}

function FollowIdentity() {
  const router = useRouter();
  const { isLoaded, userId, orgId } = useSettledAuth();
  useEffect(() => {
    if (!isLoaded) return;
    const identity = userId ? { userId, organizationId: orgId ?? null } : null;
    const onSignedOut = () => router.refresh();
    void switchIdentity(identity, { client, session: browserSession, onSignedOut });
  }, [router, isLoaded, userId, orgId]);
  useEffect(() => {
    // The browser may restore this page from its back/forward cache after the session has changed. After the refresh, the page
    // matches the new session, or the server redirects.
    const onShow = ({ persisted }: PageTransitionEvent) => {
      if (persisted) router.refresh();
    };
    window.addEventListener("pageshow", onShow);
    return () => window.removeEventListener("pageshow", onShow);
  }, [router]);
  return null;
}

export function ApolloProviderWrapper({ children }: { children: ReactNode }) {
  const { isLoaded, isSignedIn, getToken } = useSettledAuth();
  useEffect(() => {
    // GraphQL operations wait until this call has set the source of their tokens. Clerk can return tokens only once it has
    // loaded.
    if (isLoaded) browserSession.setTokenSource(getToken, isSignedIn === true);
  }, [isLoaded, isSignedIn, getToken]);
  return (
    <ApolloProvider client={client}>
      <FollowIdentity />
      {children}
    </ApolloProvider>
  );
}
