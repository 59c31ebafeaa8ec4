/**
 * Compares a JSON column with Clerk's value. Webhooks and the Backend API may use different API versions: the objects of one may
 * have attributes that the other lacks. A missing attribute is therefore no difference. Pure.
 */
import { isDeepStrictEqual } from "node:util";

/** Columns that the team writes, not Clerk: a missing key is a difference. */
const exactColumns = new Set(["public_metadata", "unsafe_metadata", "private_metadata"]);

/**
 * Attributes that count down, or are derived from other objects. They are not compared, because Clerk sends no event when they
 * change.
 */
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

/** Sorts elements by id, because Clerk does not promise an order. */
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
  // Two API versions of one object always have attributes in common. A stored value without any common attribute was edited
  // locally.
  const isComparable = common.length > 0 || isEmpty(ours) || isEmpty(theirs);
  return (
    isComparable &&
    common.every(([key, value]) => volatileKeys.has(key) || agrees(value, Reflect.get(theirs, key)))
  );
}

export function isSameJson(column: string, ours: unknown, theirs: unknown): boolean {
  return exactColumns.has(column) ? isDeepStrictEqual(ours, theirs) : agrees(ours, theirs);
}
