/**
 * Drops the result or error of a query if it arrives after a switch of the user or organization. Then sends the query again with
 * the new token. Apollo's own `resetStore` would instead fail such queries, and so the pages that use them.
 */
import { ApolloLink, type Observable } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { catchError, defer, mergeMap, of, throwError } from "rxjs";
import type { Session } from "./session";

export function sameIdentityLink(session: Session): ApolloLink {
  return new ApolloLink((operation, forward) => {
    // Only queries are repeated. A mutation must run only once, and a subscription sends the current token each time it opens.
    if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
    const send = (): Observable<ApolloLink.Result> =>
      defer(() => {
        const sentAt = session.switchCount;
        return forward(operation).pipe(
          catchError((error: unknown) =>
            session.switchCount === sentAt ? throwError(() => error) : of(null),
          ),
          mergeMap((result) =>
            result !== null && session.switchCount === sentAt ? of(result) : send(),
          ),
        );
      });
    return send();
  });
}
