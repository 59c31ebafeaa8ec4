/**
 * The live messages that one subscriber has not read yet, as an async iterator. The queue is bounded, so that a slow subscriber
 * cannot fill the memory: on overflow, a single `gap` replaces all queued messages.
 */
import { listener } from "./listener";
import type { LiveMessage } from "./message";

const CAPACITY = 100;

export type MessageSource = {
  subscribe(listener: (message: LiveMessage) => void): () => void;
};

type Next = IteratorResult<LiveMessage, undefined>;

export class Mailbox implements AsyncIterableIterator<LiveMessage, undefined> {
  #queue: LiveMessage[] = [];
  #reader: ((next: Next) => void) | undefined;
  #isClosed = false;
  readonly #unsubscribers: (() => void)[];

  /**
   * Subscribes to `sources`, by default to the listener. Queues the messages that `isWanted` accepts. Also queues every gap,
   * which says that messages may be missing.
   */
  constructor(isWanted: (message: LiveMessage) => boolean, ...sources: MessageSource[]) {
    const take = (message: LiveMessage) => {
      if ("gap" in message || isWanted(message)) this.#put(message);
    };
    const all = sources.length > 0 ? sources : [listener()];
    this.#unsubscribers = all.map((source) => source.subscribe(take));
  }

  #put(message: LiveMessage): void {
    if (this.#reader) {
      this.#reader({ value: message, done: false });
      this.#reader = undefined;
    } else if (this.#queue.length < CAPACITY) this.#queue.push(message);
    else this.#queue = [{ gap: true }];
  }

  next(): Promise<Next> {
    const value = this.#queue.shift();
    if (value) return Promise.resolve({ value, done: false });
    if (this.#isClosed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Unsubscribes and ends the iterator. A pending `next()` resolves to the end of the iterator. */
  return(): Promise<Next> {
    this.#isClosed = true;
    this.#queue = [];
    for (const unsubscribe of this.#unsubscribers) unsubscribe();
    this.#reader?.({ value: undefined, done: true });
    this.#reader = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
