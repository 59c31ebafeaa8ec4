/**
 * The results of a subscription, one at a time, as they are asked for. A reader who does not read makes nobody wait and
 * fills nothing: the next event is taken from its mailbox only when somebody wants it. Ends when the token does.
 */
import type { ExecutionResult, GraphQLFormattedError } from "graphql";

export type LiveResult = Pick<ExecutionResult, "data"> & {
  errors?: readonly GraphQLFormattedError[];
};

type Source = AsyncIterator<unknown, unknown>;

export class LiveResults implements AsyncIterableIterator<LiveResult, undefined> {
  readonly #source: Source;
  readonly #answer: (event: unknown) => Promise<LiveResult | null>;
  readonly #release: () => void;
  readonly #expiry: NodeJS.Timeout;
  #isOver = false;

  /** `answer` resolves to null when there is nobody any more to be answered. */
  constructor(
    source: Source,
    answer: (event: unknown) => Promise<LiveResult | null>,
    expiresAt: number,
    release: () => void,
  ) {
    this.#source = source;
    this.#answer = answer;
    this.#release = release;
    this.#expiry = setTimeout(() => void this.return(), expiresAt * 1000 - Date.now());
  }

  async next(): Promise<IteratorResult<LiveResult, undefined>> {
    const { value, done } = await this.#source.next();
    const result = done || this.#isOver ? null : await this.#answer(value);
    if (!result || this.#isOver) return this.return();
    // What went wrong once, as a right that was lost, goes wrong again.
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

/** Tells a gap before everything else. */
export function prependGap(source: Source): Source {
  let isTold = false;
  return {
    next() {
      if (isTold) return source.next();
      isTold = true;
      return Promise.resolve({ value: { gap: true }, done: false });
    },
    return: async () => (await source.return?.()) ?? { value: undefined, done: true },
  };
}
