/** The browser's Apollo Client: how an operation travels. Who is asking is for {@link Session} to say. */
import { ApolloLink, HttpLink } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { RetryLink } from "@apollo/client/link/retry";
import { ApolloClient, InMemoryCache } from "@apollo/client-integration-nextjs";
import { type DocumentNode, OperationTypeNode } from "graphql";
import { canonicalText } from "@/lib/document-id";
import { authorizedFetch } from "./authorized-fetch";
import { liveLink } from "./live-link";
import { samePersonLink } from "./same-person-link";
import type { Session } from "./session";

/** A query that failed for want of a network waits for one. A mutation may have arrived: it is never sent again. */
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

async function sha256(document: DocumentNode): Promise<string> {
  const bytes = new TextEncoder().encode(canonicalText(document));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Sends a hash instead of a text that the server knows. Browsers have no digest where the page is not secure. */
function byHash(): ApolloLink[] {
  const canHash = typeof crypto !== "undefined" && crypto.subtle !== undefined;
  return canHash ? [new PersistedQueryLink({ generateHash: sha256 })] : [];
}

export function makeClient(session: Session): ApolloClient {
  const authorized = authorizedFetch(session);
  const http = ApolloLink.from([
    samePersonLink(session),
    waitForNetwork(session),
    ...byHash(),
    new HttpLink({ uri: "/api/graphql", credentials: "omit", fetch: authorized }),
  ]);
  const live = liveLink({
    url: "/api/graphql/stream",
    fetch: authorized,
    whenOnline: () => session.whenOnline(),
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
