// The ids of a collection sorted by a number that rarely changes, such as the creation time. A new record with the largest number
// is appended, and a change that keeps the number keeps the order. Every other change invalidates the order, and the next read
// sorts again.

type Identified = { id: string };

export class Ordering<T extends Identified> {
  readonly #key: (record: T) => number;
  readonly #all: () => Iterable<T>;
  #ids: string[] | null = null;
  #last = Number.NEGATIVE_INFINITY;

  constructor(key: (record: T) => number, all: () => Iterable<T>) {
    this.#key = key;
    this.#all = all;
  }

  get size(): number {
    return this.#sorted().length;
  }

  /** Returns up to `limit` ids, starting at `offset`, counted from the newest or from the oldest. */
  slice(offset: number, limit: number, isNewestFirst: boolean): string[] {
    const ids = this.#sorted();
    if (!isNewestFirst) return ids.slice(offset, offset + limit);
    const end = Math.max(0, ids.length - offset);
    return ids.slice(Math.max(0, end - limit), end).reverse();
  }

  recordPut(before: T | undefined, after: T): void {
    if (!this.#ids) return;
    const key = this.#key(after);
    if (before) {
      if (this.#key(before) !== key) this.#ids = null;
    } else if (key >= this.#last) {
      this.#ids.push(after.id);
      this.#last = key;
    } else {
      this.#ids = null;
    }
  }

  invalidate(): void {
    this.#ids = null;
  }

  #sorted(): string[] {
    if (this.#ids) return this.#ids;
    const keyed = [...this.#all()].map((record) => ({ id: record.id, key: this.#key(record) }));
    keyed.sort((a, b) => a.key - b.key);
    this.#last = keyed.at(-1)?.key ?? Number.NEGATIVE_INFINITY;
    this.#ids = keyed.map(({ id }) => id);
    return this.#ids;
  }
}
