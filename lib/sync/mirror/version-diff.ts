/** Compares stored versions of a user, an organization or a membership, for the timeline. Pure. */
import { columns, type VersionedTable } from "./columns";

/**
 * The columns that {@link shownState} leaves out. The API returns no private metadata. `identifiers` repeats values of other
 * columns: e-mail addresses, phone numbers and wallets.
 */
const HIDDEN = new Set(["private_metadata", "identifiers"]);

/** A stored state as the API returns it: the columns of the table by their SQL names. Times are ISO 8601. */
export type ShownState = Record<string, unknown>;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Returns the state without hidden columns; null for a tombstone. */
export function shownState(table: VersionedTable, state: unknown): ShownState | null {
  if (!isRecord(state)) return null;
  return Object.fromEntries(
    Object.entries(columns[table]).flatMap(([name, kind]) => {
      if (HIDDEN.has(name)) return [];
      const value = state[name] ?? null;
      const isTime = kind === "time" && typeof value === "number";
      return [[name, isTime ? new Date(value).toISOString() : value]];
    }),
  );
}

export type FieldChange = { field: string; before: unknown; after: unknown };

/** True if two JSON values are equal. The order of an object's keys does not matter, as in jsonb. */
function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((each, index) => isSame(each, b[index]));
  if (!isRecord(a) || !isRecord(b)) return a === b;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => name in b && isSame(a[name], b[name]))
  );
}

/** The column that {@link changedFields} leaves out, because every version changes it. */
const UNINTERESTING = "updated_at";

/**
 * Returns the fields that differ, in the order of the columns. A field that is null in both, or was never stored, is left out.
 */
export function changedFields(before: ShownState | null, after: ShownState | null): FieldChange[] {
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...names].flatMap((field) => {
    const [old, now] = [before?.[field] ?? null, after?.[field] ?? null];
    return field === UNINTERESTING || isSame(old, now) ? [] : [{ field, before: old, after: now }];
  });
}

type Order = {
  deleted: boolean;
  version: bigint;
  eventTimestamp: bigint;
  svixId: string;
  runId: bigint;
};

const compare = <T>(a: T, b: T) => (a < b ? -1 : a > b ? 1 : 0);

/** Orders versions of one object as the guard of the mirror does: the greatest wins. */
export function compareVersions(a: Order, b: Order): number {
  return (
    compare(a.deleted, b.deleted) ||
    compare(a.version, b.version) ||
    compare(a.eventTimestamp, b.eventTimestamp) ||
    Buffer.from(a.svixId).compare(Buffer.from(b.svixId)) ||
    compare(a.runId, b.runId)
  );
}
