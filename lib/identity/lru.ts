/** A map that forgets the least recently used beyond `capacity`. */
export class Lru<V> {
  // A Map keeps the order of insertion: the first key is the one not used for longest.
  readonly #entries = new Map<string, V>();
  readonly #capacity: number;
  readonly #onForget: (key: string, value: V) => void;

  constructor(capacity: number, onForget: (key: string, value: V) => void = () => undefined) {
    this.#capacity = capacity;
    this.#onForget = onForget;
  }

  get size(): number {
    return this.#entries.size;
  }

  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#capacity) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#onForget(key, value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }
}
