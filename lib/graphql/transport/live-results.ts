/**
 * The results of a subscription. An event is executed only when the client reads the next result. Until then it stays in the
 * stream's bounded mailbox, so a slow client uses no more memory and delays no other client. The stream ends when the token
 * expires.
 */
import type { ExecutionResult, GraphQLFormattedError } from "graphql";

export type LiveResult = Pick<ExecutionResult, "data"> & {
  errors?: readonly GraphQLFormattedError[];
};

type Source = AsyncIterator<unknown, unknown>;

/** The longest delay of a timer, 24 days. Node runs a timer with a longer delay at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Returns the time (ms) until `expiresAt` (in seconds since the epoch), as the delay of a timer. */
export function millisecondsUntil(expiresAt: number): number {
  return Math.min(expiresAt * 1000 - Date.now(), LONGEST_TIMER_MS);
}

export class LiveResults implements AsyncIterableIterator<LiveResult, undefined> {
  readonly #source: Source;
  readonly #answer: (event: unknown) => Promise<LiveResult | null>;
  readonly #release: () => void;
  readonly #expiry: NodeJS.Timeout;
  #isOver = false;

  /**
   * `answer` executes an event. It resolves to null if the viewer has lost access; the stream then ends. `expiresAt` is in
   * seconds since the epoch. `release` is called once, at the end.
   */
  constructor(
    source: Source,
    answer: (event: unknown) => Promise<LiveResult | null>,
    expiresAt: number,
    release: () => void,
  ) {
    this.#source = source;
    this.#answer = answer;
    this.#release = release;
    this.#expiry = setTimeout(() => void this.return(), millisecondsUntil(expiresAt));
  }

  async next(): Promise<IteratorResult<LiveResult, undefined>> {
    const { value, done } = await this.#source.next();
    const result = done || this.#isOver ? null : await this.#answer(value);
    if (!result || this.#isOver) return this.return();
    // An error such as lost access would repeat with every event, so the stream ends after the first error.
    if (result.errors) await this.return();
    return { value: result, done: false };
  }

  async return(): Promise<IteratorResult<LiveResult, undefined>> {
    if (!this.#isOver) {
      this.#isOver = true;
      clearTimeout(this.#expiry);
      this.#release();
      await this.#source.return?.();
    }
    return { value: undefined, done: true };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

/** Adds a gap event before the first event: the client then reads all its data again. */
export function prependGap(source: Source): Source {
  let isSent = false;
  return {
    next() {
      if (isSent) return source.next();
      isSent = true;
      return Promise.resolve({ value: { gap: true }, done: false });
    },
    return: async () => (await source.return?.()) ?? { value: undefined, done: true },
  };
}
