/**
 * Corrects the HTTP status of a response with errors: Apollo uses the status of the last error, even if the response has data.
 */
import type { GraphQLResponse } from "@apollo/server";

const GRAPHQL = "application/graphql-response+json";

type RequestFacts = { accept: string | undefined; hasViewer: boolean };

/**
 * Sets the status 200 for a response with data, as GraphQL over HTTP requires. Two kinds of responses whose fields are all null
 * keep their error's status. One is a response to a viewer as `application/json`. The other is any response to a request without
 * a viewer. Its `data` is set to null, which allows the status 401: the client then refreshes its token.
 */
export function correctStatus(
  { body, http }: GraphQLResponse,
  { accept, hasViewer }: RequestFacts,
): void {
  if (body.kind !== "single" || !body.singleResult.data) return;
  const hasValue = Object.values(body.singleResult.data).some((value) => value !== null);
  if (hasValue || (hasViewer && accept?.includes(GRAPHQL))) http.status = 200;
  else if (!hasViewer) body.singleResult.data = null;
}
