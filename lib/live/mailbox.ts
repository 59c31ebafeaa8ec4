/**
 * The unread messages of one reader, as an async iterator. Bounded, so that a slow reader cannot fill the memory: on overflow
 * the queue is replaced by a single `gap`.
 */
import { listener } from "./listener";
import type { LiveMessage } from "./message";

const CAPACITY = 100;

type Next = IteratorResult<LiveMessage, undefined>;

export class Mailbox implements AsyncIterableIterator<LiveMessage, undefined> {
  #queue: LiveMessage[] = [];
  #reader: ((next: Next) => void) | undefined;
  #isClosed = false;
  readonly #unsubscribe: () => void;

  /** Subscribes at once. Queues the messages that `isWanted` accepts, and every gap. */
  constructor(isWanted: (message: LiveMessage) => boolean) {
    this.#unsubscribe = listener().subscribe((message) => {
      if ("gap" in message || isWanted(message)) this.#put(message);
    });
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

  /** Unsubscribes and ends the iterator, also for a pending `next()`. */
  return(): Promise<Next> {
    this.#isClosed = true;
    this.#queue = [];
    this.#unsubscribe();
    this.#reader?.({ value: undefined, done: true });
    this.#reader = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
