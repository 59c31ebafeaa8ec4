/**
 * Parses one of Clerk's objects so that an unreadable optional attribute does not fail the whole object: the attribute becomes
 * null, and its path is reported. An object is refused only if its id, its `updated_at` or a required attribute cannot be read.
 */
import type { z } from "zod";

/**
 * `data` is null if the object is refused. `unread` has the paths of unreadable attributes, such as `email_addresses.2`, without
 * their values. If the object is refused, the last path is the reason.
 */
type Tolerant<T> = { data: T; unread: string[] } | { data: null; unread: string[] };

type Path = PropertyKey[];

/**
 * The vital attributes. An object is refused if one of them cannot be read: otherwise it would be stored under a wrong id or
 * version.
 */
const VITAL = new Set<PropertyKey>(["id", "updated_at"]);

/** True for the path of a vital attribute, either of the object itself or of the `data` of an event. */
function isVital(path: Path): boolean {
  const [key, ...rest] = path[0] === "data" ? path.slice(1) : path;
  return key !== undefined && rest.length === 0 && VITAL.has(key);
}

/**
 * The maximum number of parsing rounds. Each round removes the unreadable values that it finds. A later round may have to remove
 * their parents, and paths have only a few levels.
 */
const MAX_ROUNDS = 16;

function child(parent: unknown, key: PropertyKey): unknown {
  return typeof parent === "object" && parent !== null ? Reflect.get(parent, key) : undefined;
}

/** Returns a copy of `value` with null at the path. If the path leads to an element of an array, the copy lacks that element. */
function blank(value: unknown, [key, ...rest]: Path): unknown {
  if (key === undefined || typeof value !== "object" || value === null) return null;
  if (!Array.isArray(value)) return { ...value, [key]: blank(child(value, key), rest) };
  const copy: unknown[] = [...value];
  if (rest.length === 0) copy.splice(Number(key), 1);
  else copy[Number(key)] = blank(copy[Number(key)], rest);
  return copy;
}

/**
 * Returns the path to set to null for a Zod issue. This is the issue's path, unless its value is null or missing already: then it
 * is the nearest parent with a value. For an element of an array, it is always the issue's path, because the element is removed.
 */
function blankable(value: unknown, path: Path): Path {
  const at = path.reduce<unknown>(child, value);
  const isElement = typeof path.at(-1) === "number";
  return path.length > 0 && (at === null || at === undefined) && !isElement
    ? blankable(value, path.slice(0, -1))
    : path;
}

/** Sorts later elements of an array first, so that removing one does not shift the others. */
const byLastKey = (a: Path, b: Path) => Number(b.at(-1) ?? 0) - Number(a.at(-1) ?? 0);

export function parseTolerant<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): Tolerant<z.output<Schema>> {
  const unread: string[] = [];
  let current = value;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const parsed = schema.safeParse(current);
    if (parsed.success) return { data: parsed.data, unread };
    const paths = parsed.error.issues.map(({ path }) => path).sort(byLastKey);
    for (const issue of paths) {
      const path = blankable(current, issue);
      const name = issue.map(String).join(".");
      if (path.length === 0 || isVital(path)) return { data: null, unread: [...unread, name] };
      unread.push(name);
      current = blank(current, path);
    }
  }
  return { data: null, unread };
}
