/**
 * What one reader has not read yet. Bounded: a reader who is too slow loses what waits, and is told of the gap instead,
 * so that no reader can hold the memory of the process.
 */
import { listener } from "./listener";
import type { LiveMessage } from "./message";

const CAPACITY = 100;

type Next = IteratorResult<LiveMessage, undefined>;

export class Mailbox implements AsyncIterableIterator<LiveMessage, undefined> {
  #waiting: LiveMessage[] = [];
  #reader: ((next: Next) => void) | undefined;
  #isClosed = false;
  readonly #unsubscribe: () => void;

  /** Takes what `isWanted`; a gap is always wanted. */
  constructor(isWanted: (message: LiveMessage) => boolean) {
    this.#unsubscribe = listener().subscribe((message) => {
      if ("gap" in message || isWanted(message)) this.#put(message);
    });
  }

  #put(message: LiveMessage): void {
    if (this.#reader) {
      this.#reader({ value: message, done: false });
      this.#reader = undefined;
    } else if (this.#waiting.length < CAPACITY) this.#waiting.push(message);
    else this.#waiting = [{ gap: true }];
  }

  next(): Promise<Next> {
    const value = this.#waiting.shift();
    if (value) return Promise.resolve({ value, done: false });
    if (this.#isClosed) return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Ends at once, also while somebody waits in `next()`. */
  return(): Promise<Next> {
    this.#isClosed = true;
    this.#waiting = [];
    this.#unsubscribe();
    this.#reader?.({ value: undefined, done: true });
    this.#reader = undefined;
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
