/**
 * How our server components ask: the same schema, executed in process as the current viewer, with no HTTP between.
 * `query()` for what a page draws itself; `<PreloadQuery>` for what a client component goes on with.
 */
import "server-only";
import { randomUUID } from "node:crypto";
import { ApolloClient, ApolloLink, InMemoryCache, Observable } from "@apollo/client";
import { registerApolloClient } from "@apollo/client-integration-nextjs";
import { apolloServer } from "../graphql/server";
import { currentViewer } from "../identity/current-viewer";

async function execute(operation: ApolloLink.Operation): Promise<ApolloLink.Result> {
  const response = await apolloServer().executeOperation(
    {
      query: operation.query,
      variables: operation.variables,
      operationName: operation.operationName,
    },
    { contextValue: { asking: await currentViewer(), requestId: randomUUID() } },
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

export const { query, PreloadQuery } = registerApolloClient(
  () => new ApolloClient({ cache: new InMemoryCache(), link: inProcess }),
);
