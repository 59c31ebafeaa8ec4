/**
 * Sends subscriptions over server-sent events. A stream ends when its token expires, and reopens with a fresh
 * token. It also reopens after a switch of the user or organization. It is closed while the user is signed out, the browser is
 * offline or the page is hidden: browsers limit the connections to an origin. A refusal (4xx except 429) is final. A stream that
 * stays lost is reported as an outage.
 */
import { ApolloLink, Observable } from "@apollo/client";
import { print } from "graphql";
import type { Observer } from "rxjs";
import type { Outages } from "@/components/outage/outages";
import { canHash, sha256 } from "./document-hash";
import { openEventStream, StreamRefused } from "./event-stream";
import type { PageActivity } from "./page-activity";
import type { Session } from "./session";

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 30_000;
/** The time after which a stream that has not opened counts as an outage. Reopening with a fresh token takes less. */
const GRACE_MS = 2_000;
/**
 * An open stream counts as a dead connection this long after its token's expiry, because the server ends a stream when its token
 * expires.
 */
const OVERDUE_MS = 10_000;

type Options = {
  url: string;
  /** A `fetch` that adds the session's token, and refreshes it after a 401. */
  fetch: typeof fetch;
  session: Pick<Session, "token" | "whenOnline" | "onSwitch">;
  activity: PageActivity;
  outages: Pick<Outages, "report" | "end">;
};

declare module "@apollo/client" {
  interface DefaultContext {
    /**
     * When (ms, by the server's clock) the page read its data. Called each time a stream opens. If anything may have changed
     * since then, the server first sends an event that requests a refetch. Without `dataReadAt`, the server always sends that
     * event, so that no stale data stays.
     */
    dataReadAt?: () => number;
  }
}

/** True for a refusal that a retry would not change. 429 and 5xx are retried. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof StreamRefused)) return false;
  return error.status >= 400 && error.status < 500 && error.status !== 429;
}

/** The longest lifetime (ms) that a timer can wait for, about 24 days; a timer with a longer delay would run at once. */
const LONGEST_LIFETIME_MS = 2 ** 31 - 1 - 60_000;

/** Returns the longest time (ms) that the server keeps a stream with this token open; undefined if the token cannot be read. */
function lifetimeOf(token: string): number | undefined {
  try {
    const payload = token.split(".")[1]?.replaceAll("-", "+").replaceAll("_", "/") ?? "";
    const { exp, iat } = JSON.parse(atob(payload));
    const isKnown = typeof exp === "number" && typeof iat === "number";
    return isKnown ? Math.min((exp - iat) * 1_000, LONGEST_LIFETIME_MS) : undefined;
  } catch {
    return undefined;
  }
}

/** Builds the request, with the document's hash, which a server with GRAPHQL_TRUSTED_DOCUMENTS_ONLY requires. */
async function requestOf({ query, variables, operationName }: ApolloLink.Operation) {
  const request = {
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
  /** The number of the current attempt. Late events of an earlier attempt are ignored. */
  #attempt = 0;
  /**
   * True once the user or organization has changed. The data on the page then belongs to the earlier identity, so `dataReadAt` is
   * no longer sent.
   */
  #hasSwitched = false;
  /** The number of consecutive attempts without a result. */
  #failures = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The timer that reports the outage unless the stream opens first. */
  #reporter: ReturnType<typeof setTimeout> | undefined;
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

  /** Opens a new stream with the current token. Stays closed while signed out or while the page is not active. */
  reopen(): void {
    this.#end();
    const attempt = this.#attempt;
    if (!this.#options.activity.isActive()) {
      this.#endOutage();
      return;
    }
    this.#expectOpen();
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
    this.#end();
    this.#endOutage();
  }

  #expectOpen(): void {
    const since = Date.now();
    const report = () => this.#options.outages.report(this, since, this.#reopenNow);
    this.#reporter ??= setTimeout(report, GRACE_MS);
  }

  #endOutage(): void {
    clearTimeout(this.#reporter);
    this.#reporter = undefined;
    this.#options.outages.end(this);
  }

  readonly #reopenNow = () => this.reopen();

  #end(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    this.#closeStream();
    this.#closeStream = () => {};
  }

  async #open(attempt: number): Promise<void> {
    const { session, url, fetch: fetchFn } = this.#options;
    await session.whenOnline();
    const operation = await requestOf(this.#operation);
    const token = await session.token();
    if (this.#attempt !== attempt) return;
    if (token === null) return this.#endOutage();
    const fetchStream: typeof fetch = async (...args) => {
      const response = await fetchFn(...args);
      if (response.ok && this.#attempt === attempt) this.#opened(token);
      return response;
    };
    const headers = this.#headers();
    let hasResult = false;
    const request = { url, fetch: fetchStream, headers, operation };
    this.#closeStream = openEventStream(request, {
      next: ({ data, errors }) => {
        // Ignores a result with errors, because the server ends the stream after it. If access was lost, the HTTP status of the
        // next attempt says so.
        if (this.#attempt !== attempt || errors) return;
        hasResult = true;
        this.#failures = 0;
        this.#observer.next({ data: data ?? null });
      },
      complete: () => {
        if (this.#attempt !== attempt) return;
        if (hasResult) this.reopen();
        else this.#fail();
      },
      error: (error) => {
        if (this.#attempt !== attempt) return;
        if (!isFinal(error)) return this.#fail();
        this.#endOutage();
        this.#observer.error(error);
      },
    });
  }

  #opened(token: string): void {
    this.#endOutage();
    const lifetime = lifetimeOf(token);
    if (lifetime !== undefined) this.#timer = setTimeout(this.#reopenNow, lifetime + OVERDUE_MS);
  }

  #fail(): void {
    clearTimeout(this.#timer);
    const wait = Math.min(FIRST_WAIT_MS * 2 ** this.#failures++, LAST_WAIT_MS);
    // Adds jitter, because all tabs lose a restarted server at the same time and must not reconnect at the same time.
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
          options.activity.subscribe(() => stream.reopen()),
        ];
        stream.reopen();
        return () => {
          for (const stop of unsubscribers) stop();
          stream.close();
        };
      }),
  );
}
