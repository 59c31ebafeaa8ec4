/** The HTTP status of an answer with errors, as far as Apollo does not know it: it takes that of the last of them. */
import type { GraphQLResponse } from "@apollo/server";

const GRAPHQL = "application/graphql-response+json";

type Asked = { accept: string | undefined; hasViewer: boolean };

/**
 * By GraphQL over HTTP what has data is 2xx. As plain JSON an answer may say what became of it all, and of which nothing is
 * left but nulls does. To who is nobody it has no data then: a client asks again with another token when it sees the 401.
 */
export function correctStatus({ body, http }: GraphQLResponse, { accept, hasViewer }: Asked): void {
  if (body.kind !== "single" || !body.singleResult.data) return;
  const isAnswered = Object.values(body.singleResult.data).some((value) => value !== null);
  if (isAnswered || (hasViewer && accept?.includes(GRAPHQL))) http.status = 200;
  else if (!hasViewer) body.singleResult.data = null;
}
