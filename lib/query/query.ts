/**
 * Runs the GraphQL queries of server components in this process, as the current viewer, without HTTP. A page passes the data to
 * its components as props, even to components that query again in the browser (`useLiveHome`).
 */
import "server-only";
import { randomUUID } from "node:crypto";
import {
  ApolloClient,
  ApolloLink,
  InMemoryCache,
  Observable,
  type OperationVariables,
  type TypedDocumentNode,
} from "@apollo/client";
import { headers } from "next/headers";
import { cache } from "react";
import { readAfterOf } from "../graphql/context";
import { apolloServer } from "../graphql/server";
import { currentViewer } from "../identity/current-viewer";
import { withSpan } from "../telemetry/tracing";

async function execute(operation: ApolloLink.Operation): Promise<ApolloLink.Result> {
  const response = await withSpan("graphql", {}, async () =>
    apolloServer().executeOperation(
      {
        query: operation.query,
        variables: operation.variables,
        operationName: operation.operationName,
      },
      {
        contextValue: {
          authentication: await currentViewer(),
          requestId: randomUUID(),
          readAfter: readAfterOf(await headers()),
        },
      },
    ),
  );
  if (response.body.kind !== "single") throw new Error("This schema has no @defer or @stream.");
  // Clones the result, because its objects have null prototypes, which React refuses to pass to client components.
  return structuredClone(response.body.singleResult);
}

const inProcess = new ApolloLink(
  (operation) =>
    new Observable((observer) => {
      execute(operation).then(
        (result) => {
          observer.next(result);
          observer.complete();
        },
        (error) => observer.error(error),
      );
    }),
);

const requestClient = cache(() => {
  // The console's status bar and its pages query different fields of the single SyncState object, so the cache merges them.
  const results = new InMemoryCache({ typePolicies: { SyncState: { merge: true } } });
  return new ApolloClient({ cache: results, link: inProcess });
});

/** Returns the time (ms) of this request's first query. The page may lack changes that were made after that time. */
export const firstQueryAt = cache(() => Date.now());

/**
 * Runs a query. @throws CombinedGraphQLErrors if any field was refused or failed: a page renders either all its data or its error
 * page.
 */
export async function query<Data, Variables extends OperationVariables>(options: {
  query: TypedDocumentNode<Data, Variables>;
  variables?: Variables;
}): Promise<{ data: Data }> {
  firstQueryAt();
  const { data } = await requestClient().query<Data, OperationVariables>(options);
  if (data === undefined) throw new Error("The response has neither data nor errors.");
  return { data };
}
