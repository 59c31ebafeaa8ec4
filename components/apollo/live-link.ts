/**
 * Subscriptions over server-sent events (graphql-sse). A stream ends with its token; it is opened again with a fresh one, and
 * the server is told so that it can say what was missed. Gives up when it is refused.
 */
import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import { createClient } from "graphql-sse";

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 30_000;

type Options = {
  url: string;
  /** Adds the token, and asks for a fresh one when it is refused. */
  fetch: typeof fetch;
  whenOnline: () => Promise<void>;
};

/** Refused for what it is; asking again would change nothing. 429 and 5xx pass. */
function isFinal(error: unknown): boolean {
  const response = error instanceof Error && "response" in error ? error.response : undefined;
  if (!(response instanceof Response)) return false;
  return response.status >= 400 && response.status < 500 && response.status !== 429;
}

export function liveLink({ url, fetch: fetchFn, whenOnline }: Options): ApolloLink {
  return new ApolloLink((operation) => {
    const request = {
      query: print(operation.query),
      variables: operation.variables,
      ...(operation.operationName && { operationName: operation.operationName }),
    };
    return new Observable((observer) => {
      let isStopped = false;
      let stop = () => {};
      let failures = 0;
      let timer: ReturnType<typeof setTimeout> | undefined;

      const open = (isResumed: boolean): void => {
        const client = createClient({
          url,
          fetchFn,
          retryAttempts: 0,
          headers: isResumed ? { "x-stream-resumed": "true" } : {},
        });
        stop = client.subscribe<ApolloLink.Result["data"]>(request, {
          next: (result) => {
            failures = 0;
            observer.next({
              data: result.data ?? null,
              ...(result.errors && { errors: [...result.errors] }),
            });
          },
          complete: () => again(0),
          error: (error) => {
            if (isFinal(error)) observer.error(error);
            else again(Math.min(FIRST_WAIT_MS * 2 ** failures++, LAST_WAIT_MS));
          },
        });
      };
      const again = (wait: number): void => {
        if (isStopped) return;
        // All tabs of all people lose a restarted server at once, and need not come back at once.
        const spread = wait * (0.5 + Math.random() / 2);
        timer = setTimeout(() => void whenOnline().then(() => isStopped || open(true)), spread);
      };

      open(false);
      return () => {
        isStopped = true;
        clearTimeout(timer);
        stop();
      };
    });
  });
}
