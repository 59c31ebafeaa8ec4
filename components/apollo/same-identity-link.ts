/**
 * What was asked as one person or organization is never answered to the next: an answer that a switch overtook is thrown away
 * and asked for again. (Apollo's own `resetStore` fails such queries instead, and their pages with them.)
 */
import { ApolloLink, type Observable } from "@apollo/client";
import { OperationTypeNode } from "graphql";
import { catchError, defer, mergeMap, of, throwError } from "rxjs";
import type { Session } from "./session";

export function sameIdentityLink(session: Session): ApolloLink {
  return new ApolloLink((operation, forward) => {
    // A mutation is never sent twice; a subscription says who is asking each time it opens.
    if (operation.operationType !== OperationTypeNode.QUERY) return forward(operation);
    const ask = (): Observable<ApolloLink.Result> =>
      defer(() => {
        const asked = session.switchCount;
        return forward(operation).pipe(
          catchError((error: unknown) =>
            session.switchCount === asked ? throwError(() => error) : of(null),
          ),
          mergeMap((result) =>
            result !== null && session.switchCount === asked ? of(result) : ask(),
          ),
        );
      });
    return ask();
  });
}
