/** The objects that handlers receive: the columns of a mirrored row in camel case, with times as dates. */
import { columns, type Table } from "../sync/mirror/columns";

export const effectTables = [
  "users",
  "organizations",
  "memberships",
  "invitations",
] as const satisfies Table[];
export type EffectTable = (typeof effectTables)[number];

export const changeKinds = ["created", "updated", "deleted"] as const;
export type ChangeKind = (typeof changeKinds)[number];

type CamelCase<S extends string> = S extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : S;

type Columns<T extends EffectTable> = (typeof columns)[T];

type Values = {
  text: string | null;
  integer: number | null;
  boolean: boolean;
  flag: boolean | null;
  time: Date | null;
  list: string[];
  json: unknown;
};

/** A mirrored object. An attribute that Clerk does not send is null, false or an empty list. */
export type EffectObject<T extends EffectTable> = { id: string } & {
  [C in keyof Columns<T> & string as CamelCase<C>]: Columns<T>[C] extends keyof Values
    ? Values[Columns<T>[C]]
    : never;
};

/** The name of an attribute of {@link EffectObject}. */
export type ObjectColumn<T extends EffectTable> = CamelCase<keyof Columns<T> & string>;

type Kind = keyof Values;

const read: { [K in Kind]: (value: unknown) => unknown } = {
  text: (value) => value,
  integer: (value) => value,
  boolean: (value) => value,
  flag: (value) => value,
  list: (value) => value,
  json: (value) => value,
  // A time is text in a job that a trigger added, and a number of ms in a job that a replay made from `versions`.
  time: (value) =>
    typeof value === "string" || typeof value === "number" ? new Date(value) : value,
};

const isText = (value: unknown) => typeof value === "string";
const isBoolean = (value: unknown) => typeof value === "boolean";
const isNullOr = (check: (value: unknown) => boolean) => (value: unknown) =>
  value === null || check(value);

const matches: { [K in Kind]: (value: unknown) => boolean } = {
  text: isNullOr(isText),
  integer: isNullOr((value) => typeof value === "number"),
  boolean: isBoolean,
  flag: isNullOr(isBoolean),
  time: isNullOr((value) => value instanceof Date && !Number.isNaN(value.getTime())),
  list: (value) => Array.isArray(value) && value.every(isText),
  json: () => true,
};

const camelCase = (name: string) =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

const columnsOf = (table: EffectTable): [string, Kind][] => Object.entries(columns[table]);

function isObjectOf<T extends EffectTable>(
  table: T,
  object: Record<string, unknown>,
): object is EffectObject<T> {
  return (
    isText(object.id) &&
    columnsOf(table).every(([name, kind]) => matches[kind](object[camelCase(name)]))
  );
}

/** Thrown when a stored version cannot be read, for example one that an older release of the app stored. */
class UnreadableVersion extends Error {
  override name = "UnreadableVersion";
}

/**
 * Parses a stored version. Columns that were added to the table after the version was stored are null, false or empty. @throws
 * UnreadableVersion
 */
export function readObject<T extends EffectTable>(
  table: T,
  state: Record<string, unknown>,
): EffectObject<T> {
  const object: Record<string, unknown> = { id: state.id };
  for (const [name, kind] of columnsOf(table)) {
    const missing = kind === "boolean" ? false : kind === "list" ? [] : null;
    object[camelCase(name)] = read[kind](state[name] ?? missing);
  }
  if (!isObjectOf(table, object)) throw new UnreadableVersion(`a version of ${table}`);
  return object;
}

/** Returns the names of the attributes that an update changed, without columns that no longer exist. */
export function readChanged<T extends EffectTable>(table: T, names: string[]): ObjectColumn<T>[] {
  const isColumn = (name: string): name is ObjectColumn<T> =>
    columnsOf(table).some(([column]) => camelCase(column) === name);
  return names.map(camelCase).filter(isColumn);
}
