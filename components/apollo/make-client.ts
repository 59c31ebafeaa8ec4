/** The browser's Apollo Client and its chain of links. {@link Session} provides the token. */
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache, type Observable } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { OperationTypeNode } from "graphql";
import { catchError, from, mergeMap, throwError } from "rxjs";
import { browserOutages } from "@/components/outage/browser-outages";
import { authorizedFetch } from "./authorized-fetch";
import { canHash, sha256 } from "./document-hash";
import { liveLink } from "./live-link";
import { pageActivity } from "./page-activity";
import { sameIdentityLink } from "./same-identity-link";
import type { Session } from "./session";

/**
 * How long a request waits for its response. Without this limit, the browser would wait for minutes on a dead connection. Streams
 * have heartbeats instead.
 */
const ANSWER_WITHIN_MS = 30_000;

function withTimeout(send: typeof fetch, ms: number): typeof fetch {
  return (input, init) => {
    const timeout = AbortSignal.timeout(ms);
    return send(input, {
      ...init,
      signal: init?.signal ? AbortSignal.any([init.signal, timeout]) : timeout,
    });
  };
}

/**
 * Returns a link that repeats a query that failed while offline, once the browser is online. It never repeats a mutation, which
 * may have reached the server.
 */
function waitForNetwork(session: Session): ApolloLink {
  return new ApolloLink((operation, forward) => {
    if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
    const send = (): Observable<ApolloLink.Result> =>
      forward(operation).pipe(
        catchError((error: unknown) =>
          error instanceof TypeError && !navigator.onLine
            ? from(session.whenOnline()).pipe(mergeMap(send))
            : throwError(() => error),
        ),
      );
    return send();
  });
}

/**
 * Returns the link that sends the hash of a document instead of its text. Returns no link if this browser cannot compute a hash.
 */
function persistedQueries(): ApolloLink[] {
  return canHash() ? [new PersistedQueryLink({ generateHash: sha256 })] : [];
}

/**
 * Creates the client. `answerWithin` (ms) limits each request, but not the wait for a token or the network. Streams have no
 * limit.
 */
export function makeClient(
  session: Session,
  send: typeof fetch = fetch,
  answerWithin = ANSWER_WITHIN_MS,
): ApolloClient {
  const http = ApolloLink.from([
    sameIdentityLink(session),
    waitForNetwork(session),
    ...persistedQueries(),
    new HttpLink({
      uri: "/api/graphql",
      credentials: "omit",
      fetch: authorizedFetch(session, withTimeout(send, answerWithin)),
    }),
  ]);
  const live = liveLink({
    url: "/api/graphql/stream",
    fetch: authorizedFetch(session, send),
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
