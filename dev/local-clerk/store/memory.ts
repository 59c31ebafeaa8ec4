// Keeping a large state small in memory: what is empty is shared, and the heap may not grow to several times of
// what lives in it, as V8 lets it.

import { setFlagsFromString } from "node:v8";

const emptyList = Object.freeze([]);
const emptyObject = Object.freeze({});

/** The record with its empty lists and objects replaced by shared ones: nothing here changes a record in place. */
export function shareEmptyValues<T extends object>(record: T): T {
  for (const [name, value] of Object.entries(record)) {
    if (typeof value !== "object" || value === null) continue;
    if (Array.isArray(value)) {
      if (value.length === 0) Object.assign(record, { [name]: emptyList });
      else for (const each of value) if (typeof each === "object" && each) shareEmptyValues(each);
    } else if (Object.keys(value).length === 0) Object.assign(record, { [name]: emptyObject });
  }
  return record;
}

let isLimited = false;

/** Collects more often for less memory: a heap grows by a fifth at most before the next collection. */
export function limitHeapGrowth(): void {
  if (isLimited) return;
  isLimited = true;
  setFlagsFromString("--heap-growing-percent=20");
}
