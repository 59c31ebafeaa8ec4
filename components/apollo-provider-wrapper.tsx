"use client";

/** One Apollo Client for the browser, with `getToken()` on every operation. Forgets everything when the person changes. */
import { ApolloLink, HttpLink } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { useApolloClient } from "@apollo/client/react";
import {
  ApolloClient,
  ApolloNextAppProvider,
  InMemoryCache,
} from "@apollo/client-integration-nextjs";
import { useAuth } from "@clerk/nextjs";
import { type ReactNode, useEffect, useRef } from "react";

type GetToken = ReturnType<typeof useAuth>["getToken"];

function makeClient(currentGetToken: () => GetToken) {
  const withToken = new SetContextLink(async ({ headers }) => {
    // Waits until Clerk is loaded; null means signed out, and then there is no header to send.
    const token = await currentGetToken()();
    return { headers: { ...headers, ...(token && { authorization: `Bearer ${token}` }) } };
  });
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([withToken, new HttpLink({ uri: "/api/graphql", credentials: "omit" })]),
  });
}

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
  const { getToken } = useAuth();
  const latest = useRef(getToken);
  useEffect(() => {
    latest.current = getToken;
  }, [getToken]);
  return (
    <ApolloNextAppProvider
      makeClient={() => makeClient(() => latest.current)}
      extraScriptProps={{ nonce }}
    >
      <ForgetOnSwitch />
      {children}
    </ApolloNextAppProvider>
  );
}
