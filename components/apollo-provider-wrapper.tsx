"use client";

/** One Apollo Client for the browser, for as long as the page lives. Forgets everything when the person changes. */
import { useApolloClient } from "@apollo/client/react";
import { ApolloNextAppProvider } from "@apollo/client-integration-nextjs";
import { useAuth } from "@clerk/nextjs";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { makeClient } from "./apollo/make-client";
import { browserOnline, Session } from "./apollo/session";

/** What one person or organization was shown must not be there for the next. */
function ForgetOnSwitch() {
  const client = useApolloClient();
  const { isLoaded, userId, orgId } = useAuth();
  const identity = isLoaded ? `${userId ?? ""} ${orgId ?? ""}` : undefined;
  const previous = useRef(identity);
  useEffect(() => {
    if (identity === undefined || identity === previous.current) return;
    const isFirst = previous.current === undefined;
    previous.current = identity;
    // A switch that overtakes this one aborts its queries; their errors are shown where they are drawn.
    if (!isFirst) client.resetStore().catch(() => undefined);
  }, [client, identity]);
  return null;
}

export function ApolloProviderWrapper({
  nonce,
  children,
}: {
  nonce?: string;
  children: ReactNode;
}) {
  const { isLoaded, getToken } = useAuth();
  const [session] = useState(() => new Session(browserOnline));
  useEffect(() => {
    // Before Clerk is loaded nobody knows whether somebody is signed in: operations wait.
    if (isLoaded) session.use(getToken);
  }, [session, isLoaded, getToken]);
  return (
    <ApolloNextAppProvider makeClient={() => makeClient(session)} extraScriptProps={{ nonce }}>
      <ForgetOnSwitch />
      {children}
    </ApolloNextAppProvider>
  );
}
