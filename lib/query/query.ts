/**
 * How our server components ask: the same schema, executed in process as the current viewer, with no HTTP between.
 * `query()` for what a page draws itself; `<PreloadQuery>` for what a client component goes on with.
 */
import "server-only";
import { randomUUID } from "node:crypto";
import {
  ApolloLink,
  Observable,
  type OperationVariables,
  type TypedDocumentNode,
} from "@apollo/client";
import {
  ApolloClient,
  InMemoryCache,
  registerApolloClient,
} from "@apollo/client-integration-nextjs";
import { cache } from "react";
import { apolloServer } from "../graphql/server";
import { currentViewer } from "../identity/current-viewer";
import { ignoreClosedStreamErrors } from "./closed-stream-errors";

ignoreClosedStreamErrors();

async function execute(operation: ApolloLink.Operation): Promise<ApolloLink.Result> {
  const response = await apolloServer().executeOperation(
    {
      query: operation.query,
      variables: operation.variables,
      operationName: operation.operationName,
    },
    { contextValue: { authentication: await currentViewer(), requestId: randomUUID() } },
  );
  if (response.body.kind !== "single") throw new Error("A page's query is answered in one piece.");
  // Results have null prototypes, which React refuses to pass to client components.
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

const registered = registerApolloClient(() => {
  // The bar and the page of a console request ask for the one state of the sync in two operations.
  const cache = new InMemoryCache({ typePolicies: { SyncState: { merge: true } } });
  return new ApolloClient({ cache, link: inProcess });
});

export const { PreloadQuery } = registered;

/** When this request first asked for anything (ms). What changed later may not be on its page. */
export const firstQueryAt = cache(() => Date.now());

/** @throws CombinedGraphQLErrors when any field was refused or failed: a page draws all of its data, or its error. */
export async function query<Data, Variables extends OperationVariables>(options: {
  query: TypedDocumentNode<Data, Variables>;
  variables?: Variables;
}): Promise<{ data: Data }> {
  firstQueryAt();
  const { data } = await registered.query<Data, OperationVariables>(options);
  if (data === undefined)
    throw new Error("The query was answered without data and without an error.");
  return { data };
}
