// Keeps a large state small in memory. Records share their empty lists and objects. The garbage collector runs more often: by
// V8's default, the heap could grow to a multiple of its live size before a collection.

import { setFlagsFromString } from "node:v8";

const emptyList = Object.freeze([]);
const emptyObject = Object.freeze({});

/** Replaces the record's empty lists and objects with shared, frozen empty values. Safe because no code mutates a record. */
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

/** Saves memory at the cost of CPU time: the heap of this process grows by at most 20 % before the next collection. */
export function limitHeapGrowth(): void {
  if (isLimited) return;
  isLimited = true;
  setFlagsFromString("--heap-growing-percent=20");
}
