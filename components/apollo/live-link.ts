/**
 * Subscriptions over server-sent events (graphql-sse). A stream ends with its token and comes back with a fresh one; it is
 * closed while nobody sees the page, because browsers open few connections to one origin, and while nobody is signed in;
 * and it is never kept for the next person or organization. Each time it opens the server tells first whether something may
 * have been missed, so that nobody is shown what was true before: since the moment that `dataReadAt` of the operation's
 * context gives, by the server's clock, or else in any case. Gives up when it is refused.
 */
import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import { createClient, type RequestParams } from "graphql-sse";
import type { Observer } from "rxjs";
import { canHash, sha256 } from "./document-hash";
import type { PageVisibility } from "./page-visibility";
import type { Session } from "./session";

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 30_000;

type Options = {
  url: string;
  /** Adds the token, and asks for a fresh one when it is refused. */
  fetch: typeof fetch;
  session: Pick<Session, "token" | "whenOnline" | "onSwitch">;
  visibility: PageVisibility;
};

declare module "@apollo/client" {
  interface DefaultContext {
    /** As of when (ms, by the server's clock) the page that listens knows what there is. Asked at each opening. */
    dataReadAt?: () => number;
  }
}

/** Refused for what it is; asking again would change nothing. 429 and 5xx pass. */
function isFinal(error: unknown): boolean {
  const response = error instanceof Error && "response" in error ? error.response : undefined;
  if (!(response instanceof Response)) return false;
  return response.status >= 400 && response.status < 500 && response.status !== 429;
}

/** With the hash too: a server that answers this build's own operations only goes by that. */
async function requestOf({ query, variables, operationName }: ApolloLink.Operation) {
  const request: RequestParams = {
    query: print(query),
    variables,
    ...(operationName && { operationName }),
  };
  if (!canHash()) return request;
  const persistedQuery = { version: 1, sha256Hash: await sha256(query) };
  return { ...request, extensions: { persistedQuery } };
}

class LiveStream {
  readonly #options: Options;
  readonly #operation: ApolloLink.Operation;
  readonly #observer: Observer<ApolloLink.Result>;
  /** What is left of an attempt that is over is not heard. */
  #attempt = 0;
  /** What is known of before a switch is another's. */
  #hasSwitched = false;
  /** Attempts in a row that brought nothing. */
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closeStream = () => {};

  constructor(
    options: Options,
    operation: ApolloLink.Operation,
    observer: Observer<ApolloLink.Result>,
  ) {
    this.#options = options;
    this.#operation = operation;
    this.#observer = observer;
  }

  /** Opened anew, as whoever is there now; or left closed when nobody is, or nobody looks. */
  reopen(): void {
    this.close();
    const attempt = this.#attempt;
    if (!this.#options.visibility.isVisible()) return;
    this.#open(attempt).catch(() => {
      if (this.#attempt === attempt) this.#fail();
    });
  }

  switched(): void {
    this.#hasSwitched = true;
    this.reopen();
  }

  #headers(): Record<string, string> {
    const { dataReadAt } = this.#operation.getContext();
    return dataReadAt && !this.#hasSwitched
      ? { "x-stream-since": String(dataReadAt()) }
      : { "x-stream-resumed": "true" };
  }

  close(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#closeStream();
    this.#closeStream = () => {};
  }

  async #open(attempt: number): Promise<void> {
    const { session, url, fetch: fetchFn } = this.#options;
    await session.whenOnline();
    const request = await requestOf(this.#operation);
    const token = await session.token();
    if (token === null || this.#attempt !== attempt) return;
    const client = createClient({ url, fetchFn, headers: this.#headers(), retryAttempts: 0 });
    let hasBrought = false;
    this.#closeStream = client.subscribe<ApolloLink.Result["data"]>(request, {
      next: ({ data, errors }) => {
        // After an error the server ends the stream. If that was a refusal, the next attempt is told so.
        if (this.#attempt !== attempt || errors) return;
        hasBrought = true;
        this.#failures = 0;
        this.#observer.next({ data: data ?? null });
      },
      complete: () => {
        if (this.#attempt !== attempt) return;
        if (hasBrought) this.reopen();
        else this.#fail();
      },
      error: (error) => {
        if (this.#attempt !== attempt) return;
        if (isFinal(error)) this.#observer.error(error);
        else this.#fail();
      },
    });
  }

  #fail(): void {
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LAST_WAIT_MS);
    // All tabs of all people lose a restarted server at once, and need not come back at once.
    this.#timer = setTimeout(() => this.reopen(), wait * (0.5 + Math.random() / 2));
  }
}

export function liveLink(options: Options): ApolloLink {
  return new ApolloLink(
    (operation) =>
      new Observable((observer) => {
        const stream = new LiveStream(options, operation, observer);
        const unsubscribers = [
          options.session.onSwitch(() => stream.switched()),
          options.visibility.subscribe(() => stream.reopen()),
        ];
        stream.reopen();
        return () => {
          for (const stop of unsubscribers) stop();
          stream.close();
        };
      }),
  );
}
