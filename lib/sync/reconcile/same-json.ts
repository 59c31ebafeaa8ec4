/**
 * Compares a stored column with Clerk's value. Webhooks and the Backend API have versions of their own: one may name attributes
 * that the other does not know, in the objects that are stored as they are sent. Those are no difference. Pure.
 */
import { isDeepStrictEqual } from "node:util";

/** Written by the team, not by Clerk: every key counts. */
const exactColumns = new Set(["public_metadata", "unsafe_metadata", "private_metadata"]);

/** Count down by themselves, or are derived from other objects: Clerk sends no event when they change. */
const volatileKeys = new Set([
  "lockout_expires_in_seconds",
  "verification_attempts_remaining",
  "members_count",
  "pending_invitations_count",
  "missing_member_with_elevated_permissions",
  "last_active_at",
  "last_used_at",
  "last_authenticated_at",
]);

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

const isEmpty = (value: object) => Object.keys(value).length === 0;

/** Clerk does not promise an order of the elements. */
function byId(items: unknown[]): unknown[] {
  const idOf = (item: unknown) => String(isObject(item) && "id" in item ? item.id : item);
  return items.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : idOf(a) > idOf(b) ? 1 : 0));
}

function agrees(ours: unknown, theirs: unknown): boolean {
  if (Array.isArray(ours) && Array.isArray(theirs)) {
    const others = byId(theirs);
    return (
      ours.length === theirs.length &&
      byId(ours).every((item, index) => agrees(item, others[index]))
    );
  }
  if (!isObject(ours) || !isObject(theirs) || Array.isArray(ours) || Array.isArray(theirs))
    return isDeepStrictEqual(ours, theirs);
  const common = Object.entries(ours).filter(([key]) => Object.hasOwn(theirs, key));
  // Two versions of Clerk's API share attributes of an object. An object that shares none with Clerk's was edited locally.
  const isComparable = common.length > 0 || isEmpty(ours) || isEmpty(theirs);
  return (
    isComparable &&
    common.every(([key, value]) => volatileKeys.has(key) || agrees(value, Reflect.get(theirs, key)))
  );
}

export function isSameJson(column: string, ours: unknown, theirs: unknown): boolean {
  return exactColumns.has(column) ? isDeepStrictEqual(ours, theirs) : agrees(ours, theirs);
}
