/** Makes parsed JSON safe for a jsonb column. Pure. */

/**
 * The maximum number of nesting levels of a stored event. Postgres and `JSON.stringify` fail on JSON that is nested much deeper.
 */
export const MAX_DEPTH = 100;
/** The depth of an attribute in an event: level 0 is the event, level 1 its `data`. */
export const ATTRIBUTE_DEPTH = 2;

/** Replaces lone surrogates, which UTF-8 cannot encode, and NUL, which Postgres cannot store, by U+FFFD. */
export const storableText = (value: string) => value.toWellFormed().replaceAll("\u0000", "\uFFFD");

/**
 * Returns a copy that Postgres can store. A value that is nested too deeply, or a number beyond the range of a double, becomes
 * null, and its path is added to `lost`. Keys such as `__proto__` stay plain keys.
 * @param omits Returns true for a key that the copy must not have.
 */
export function storableJson(
  value: unknown,
  path: string,
  lost: string[],
  omits: (key: string) => boolean = () => false,
  depth = ATTRIBUTE_DEPTH,
): unknown {
  if (value === null || typeof value === "boolean") return value;
  if (depth > MAX_DEPTH) {
    lost.push(path);
    return null;
  }
  if (typeof value === "string") return storableText(value);
  // -0 becomes 0: JSON.stringify writes it as 0, so a comparison with the stored value would find a difference.
  if (typeof value === "number" && Number.isFinite(value)) return value === 0 ? 0 : value;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      storableJson(item, `${path}.${index}`, lost, omits, depth + 1),
    );
  }
  if (typeof value !== "object") {
    lost.push(path);
    return null;
  }
  const entries: [string, unknown][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (omits(name)) continue;
    const key = storableText(name);
    entries.push([key, storableJson(item, `${path}.${key}`, lost, omits, depth + 1)]);
  }
  // Object.fromEntries makes "__proto__" a plain property; an assignment would set the prototype.
  return Object.fromEntries(entries);
}
