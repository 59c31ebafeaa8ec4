/** The browser's Apollo Client and its chain of links. {@link Session} provides the token. */
import { ApolloLink, HttpLink } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { RetryLink } from "@apollo/client/link/retry";
import { ApolloClient, InMemoryCache } from "@apollo/client-integration-nextjs";
import { OperationTypeNode } from "graphql";
import { browserOutages } from "@/components/outage/browser-outages";
import { authorizedFetch } from "./authorized-fetch";
import { canHash, sha256 } from "./document-hash";
import { liveLink } from "./live-link";
import { pageActivity } from "./page-activity";
import { sameIdentityLink } from "./same-identity-link";
import type { Session } from "./session";

/** A query that fails while offline is sent again once online. A mutation is never repeated: it may have reached the server. */
function waitForNetwork(session: Session): RetryLink {
  return new RetryLink({
    delay: { initial: 0 },
    attempts: async (_count, { operationType }, error) => {
      const isQuery = operationType === OperationTypeNode.QUERY;
      if (!isQuery || !(error instanceof TypeError) || navigator.onLine) return false;
      await session.whenOnline();
      return true;
    },
  });
}

/** Sends the hash of a document instead of its text. */
function persistedQueries(): ApolloLink[] {
  return canHash() ? [new PersistedQueryLink({ generateHash: sha256 })] : [];
}

export function makeClient(session: Session, send: typeof fetch = fetch): ApolloClient {
  const authorized = authorizedFetch(session, send);
  const http = ApolloLink.from([
    sameIdentityLink(session),
    waitForNetwork(session),
    ...persistedQueries(),
    new HttpLink({ uri: "/api/graphql", credentials: "omit", fetch: authorized }),
  ]);
  const live = liveLink({
    url: "/api/graphql/stream",
    fetch: authorized,
    session,
    activity: pageActivity,
    outages: browserOutages,
  });
  return new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      live,
      http,
    ),
  });
}
