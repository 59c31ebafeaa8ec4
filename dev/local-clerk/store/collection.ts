// Holds the records of one kind by id. Its look-ups and orderings are updated with every change. A collection does not access
// files: it passes each change to its recorder, with a function that undoes the change.

import type { z } from "zod";
import { shareEmptyValues } from "./memory";
import { Ordering } from "./ordering";

export type Identified = { id: string };
type Recorder = {
  put(record: Identified, undo: () => void): void;
  drop(id: string, undo: () => void): void;
};

export class Collection<T extends Identified, Given = T> {
  readonly #records = new Map<string, T>();
  readonly #lookups: Lookup<T>[] = [];
  readonly #orderings: Ordering<T>[] = [];
  readonly #schema: z.ZodType<T, Given>;
  readonly #recorder: Recorder;

  constructor(schema: z.ZodType<T, Given>, recorder: Recorder) {
    this.#schema = schema;
    this.#recorder = recorder;
  }

  get size(): number {
    return this.#records.size;
  }

  get(id: string | null | undefined): T | undefined {
    return id ? this.#records.get(id) : undefined;
  }

  all(): IterableIterator<T> {
    return this.#records.values();
  }

  put(record: T): T {
    const before = this.#place(record);
    this.#recorder.put(record, () => {
      if (before) this.#place(before);
      else this.#remove(record.id);
    });
    return record;
  }

  /** Creates a record. Fields that are left out get the schema's defaults. */
  make(given: Given): T {
    return this.put(shareEmptyValues(this.#schema.parse(given)));
  }

  drop(id: string): void {
    const before = this.#remove(id);
    // An undone drop puts the record at the end of the collection, not at its former place. Callers that need an order use
    // `ordering`.
    if (before) this.#recorder.drop(id, () => void this.#place(before));
  }

  /** Creates an index of the records by the strings that `keys` returns. A look-up returns records in insertion order. */
  lookup(keys: (record: T) => readonly string[]): Lookup<T> {
    const lookup = new Lookup(keys);
    for (const record of this.#records.values()) lookup.add(record);
    this.#lookups.push(lookup);
    return lookup;
  }

  /** Creates an ordering: the record ids, sorted by the number that `key` returns. */
  ordering(key: (record: T) => number): Ordering<T> {
    const ordering = new Ordering(key, () => this.#records.values());
    this.#orderings.push(ordering);
    return ordering;
  }

  /** Puts a record that was read from the journal, without recording the put again. */
  restore(value: unknown): void {
    this.#place(shareEmptyValues(this.#schema.parse(value)));
  }

  /** Removes a record without recording it. */
  forget(id: string): void {
    this.#remove(id);
  }

  #place(record: T): T | undefined {
    const before = this.#records.get(record.id);
    this.#records.set(record.id, record);
    for (const lookup of this.#lookups) {
      if (before) lookup.replace(before, record);
      else lookup.add(record);
    }
    for (const ordering of this.#orderings) ordering.recordPut(before, record);
    return before;
  }

  #remove(id: string): T | undefined {
    const before = this.#records.get(id);
    if (!before) return undefined;
    for (const lookup of this.#lookups) lookup.remove(before);
    for (const ordering of this.#orderings) ordering.invalidate();
    this.#records.delete(id);
    return before;
  }
}

/** Index by key. Most keys have one record, so only keys with several records get a map, to save memory. */
class Lookup<T extends Identified> {
  readonly #keys: (record: T) => readonly string[];
  readonly #single = new Map<string, T>();
  readonly #several = new Map<string, Map<string, T>>();

  constructor(keys: (record: T) => readonly string[]) {
    this.#keys = keys;
  }

  all(key: string): T[] {
    const several = this.#several.get(key);
    if (several) return [...several.values()];
    const single = this.#single.get(key);
    return single ? [single] : [];
  }

  first(key: string): T | undefined {
    return this.#single.get(key) ?? this.#several.get(key)?.values().next().value;
  }

  count(key: string): number {
    return this.#several.get(key)?.size ?? (this.#single.has(key) ? 1 : 0);
  }

  /** Replaces a record in the index. Under a key that both versions have, the record keeps its place in the insertion order. */
  replace(before: T, after: T): void {
    const remaining = new Set(this.#keys(after));
    for (const key of this.#keys(before)) if (!remaining.has(key)) this.#removeAt(key, before);
    this.add(after);
  }

  add(record: T): void {
    for (const key of this.#keys(record)) {
      const several = this.#several.get(key);
      const single = this.#single.get(key);
      if (several) several.set(record.id, record);
      else if (!single || single.id === record.id) this.#single.set(key, record);
      else {
        this.#single.delete(key);
        const both: [string, T][] = [
          [single.id, single],
          [record.id, record],
        ];
        this.#several.set(key, new Map(both));
      }
    }
  }

  remove(record: T): void {
    for (const key of this.#keys(record)) this.#removeAt(key, record);
  }

  #removeAt(key: string, record: T): void {
    if (this.#single.get(key)?.id === record.id) this.#single.delete(key);
    const several = this.#several.get(key);
    several?.delete(record.id);
    if (several?.size === 0) this.#several.delete(key);
  }
}
