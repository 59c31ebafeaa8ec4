/**
 * Keyset pagination. A cursor contains the sort value of its row, the row's id, and the name of the order, so it works after the
 * row is deleted. Refuses a page of more than {@link MAX_PAGE}, a malformed cursor, and a cursor from another order.
 */
import { z } from "zod";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;
export type PageArgs = {
  first?: number | null;
  last?: number | null;
  before?: string | null;
  after?: string | null;
};

/**
 * The times that a cursor may contain, in ms: years 1 to 9999, as in the mirror. Postgres cannot read the ISO text of other
 * years.
 */
const [FIRST_TIME, LAST_TIME] = [-62_135_596_800_000, 253_402_300_799_999];

export const anId = z.string().min(1).refine(isStorable);
/** The id of a row whose ids are UUIDs: Postgres refuses to compare them with another text. */
export const aUuid = z.guid();
export const aTime = z
  .number()
  .int()
  .min(FIRST_TIME)
  .max(LAST_TIME)
  .transform((ms) => new Date(ms));
/** A number in the range of a Postgres integer. A larger number in a cursor would cause a database error. */
const aCount = z.int32();
const aText = z.string().refine(isStorable);

type Side = "lt" | "gt";
type Bound<Value> = null | { [Name in Side | "lte" | "gte"]?: Value } | { not: null };
type IdBound = { id: { lt: string } | { gt: string } };
type SortOrder = { sort: "asc" | "desc"; nulls: "first" | "last" };

const beyond = <Value>(side: Side, value: Value) => (side === "lt" ? { lt: value } : { gt: value });
const opposite = { lt: "gt", gt: "lt", asc: "desc", desc: "asc" } as const;

/**
 * A column that a list can be sorted by; rows with equal values are sorted by id. In the natural order, the newest time, the
 * largest number or the letter A is first, and NULLs are last. The reverse order is the exact mirror image, so one index serves
 * both.
 */
export type SortKey<Row, Filter, Order> = {
  /** The direction of the natural order. */
  direction: "ASC" | "DESC";
  valueOf(row: Row): number | string | boolean | null;
  /**
   * Return filters for the rows after and before a row in the natural order, the nearest rows first. Each filter is one range of
   * the index, so a page far into the list costs as much as the first. NULLs are a range of their own, because SQL comparisons
   * with NULL are never true. @throws ZodError for an invalid value or id.
   */
  rowsAfter(value: unknown, id: unknown): Filter[];
  rowsBefore(value: unknown, id: unknown): Filter[];
  natural: Order;
  reversed: Order;
};

/** Makes an object with only the property `Name`. Prisma's filters and orders both have this form. */
type Put<Name extends string> = <Value>(value: Value) => { [Key in Name]: Value };

function sortKey<Name extends string, Value extends Date | string | number>(
  put: Put<Name>,
  value: z.ZodType<Value>,
  direction: "ASC" | "DESC",
) {
  const [later, sort]: [Side, "asc" | "desc"] =
    direction === "DESC" ? ["lt", "desc"] : ["gt", "asc"];
  const orderBy = (sort: "asc" | "desc", nulls: "first" | "last") => [
    put<SortOrder>({ sort, nulls }),
    { id: sort },
  ];
  type Condition = { [Key in Name]: Bound<Value> } & { id?: { lt: string } | { gt: string } };
  type Filter = Condition | { AND: [Condition, { OR: (Condition | IdBound)[] }] };
  /**
   * Returns the filter for the rows before or after a row whose sort value is not null. The first condition limits the range of
   * the index.
   */
  const beside = (side: Side, position: Value, id: string): Filter => ({
    AND: [
      put<Bound<Value>>(side === "lt" ? { lte: position } : { gte: position }),
      { OR: [put<Bound<Value>>(beyond(side, position)), { id: beyond(side, id) }] },
    ],
  });
  const withoutValue = (side: Side, id: string): Filter => ({
    ...put<Bound<Value>>(null),
    id: beyond(side, id),
  });
  return {
    rowsAfter(given: unknown, givenId: unknown): Filter[] {
      const [position, id] = [value.nullable().parse(given), anId.parse(givenId)];
      return position === null
        ? [withoutValue(later, id)]
        : [beside(later, position, id), put<Bound<Value>>(null)];
    },
    rowsBefore(given: unknown, givenId: unknown): Filter[] {
      const [position, id] = [value.nullable().parse(given), anId.parse(givenId)];
      const earlier = opposite[later];
      return position === null
        ? [withoutValue(earlier, id), put<Bound<Value>>({ not: null })]
        : [beside(earlier, position, id)];
    },
    direction,
    natural: orderBy(sort, "last"),
    reversed: orderBy(opposite[sort], "first"),
  };
}

/** Sorts a list by a time, newest first: `byTime("createdAt", (createdAt) => ({ createdAt }))`. */
export function byTime<Name extends string>(name: Name, put: Put<Name>) {
  return {
    ...sortKey(put, aTime, "DESC"),
    valueOf: (row: { [Key in Name]: Date | null }) => row[name]?.getTime() ?? null,
  };
}

/** Sorts a list by a text, from A to Z. */
export function byText<Name extends string>(name: Name, put: Put<Name>) {
  return {
    ...sortKey(put, aText, "ASC"),
    valueOf: (row: { [Key in Name]: string | null }) => row[name],
  };
}

/** Sorts a list by a count, the largest first. */
export function byCount<Name extends string>(name: Name, put: Put<Name>) {
  return {
    ...sortKey(put, aCount, "DESC"),
    valueOf: (row: { [Key in Name]: number | null }) => row[name],
  };
}

/** Sorts a list by a flag: first true, then false, then NULL. Each value is a range, because Prisma compares flags by equality only. */
export function byFlag<Name extends string>(name: Name, put: Put<Name>) {
  const inOrder = [true, false, null];
  const ranges = (given: unknown, givenId: unknown, side: Side) => {
    const [position, id] = [z.boolean().nullable().parse(given), anId.parse(givenId)];
    const values = side === "lt" ? inOrder : inOrder.toReversed();
    const beside = { ...put<boolean | null>(position), id: beyond(side, id) };
    const others = values.slice(values.indexOf(position) + 1).map((value) => put(value));
    return [beside, ...others];
  };
  const orderBy = (sort: "asc" | "desc", nulls: "first" | "last") => [
    put<SortOrder>({ sort, nulls }),
    { id: sort },
  ];
  return {
    direction: "DESC" as const,
    valueOf: (row: { [Key in Name]: boolean | null }) => row[name],
    rowsAfter: (value: unknown, id: unknown) => ranges(value, id, "lt"),
    rowsBefore: (value: unknown, id: unknown) => ranges(value, id, "gt"),
    natural: orderBy("desc", "last"),
    reversed: orderBy("asc", "first"),
  };
}

/** Sorts a list by its ids, from A to Z. */
export const byId = {
  direction: "ASC" as const,
  valueOf: () => null,
  rowsAfter: (_value: unknown, id: unknown) => [{ id: { gt: anId.parse(id) } }],
  rowsBefore: (_value: unknown, id: unknown) => [{ id: { lt: anId.parse(id) } }],
  natural: [{ id: "asc" as const }],
  reversed: [{ id: "desc" as const }],
};

export const byCreation = byTime("createdAt", (createdAt) => ({ createdAt }));
export const newestFirst = byCreation.natural;

/** The order of a list. A cursor contains `name`, so that a cursor from another order is refused. */
export type ListOrder<Row, Filter, Order> = {
  name: string;
  key: SortKey<Row, Filter, Order>;
  isReversed: boolean;
};

/** The arguments of Prisma's `findMany` that select a page. */
export type PageQuery<Filter, Order> = {
  where: { AND: (Filter | { OR: Filter[] })[] };
  orderBy: Order;
  take: number;
};

function pageSize({ first, last }: PageArgs): number {
  if (first != null && last != null)
    throw graphQLError("BAD_USER_INPUT", "Pass first or last, not both.");
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size < 0 || size > MAX_PAGE)
    throw graphQLError("BAD_USER_INPUT", `A page has 0 to ${MAX_PAGE} items.`);
  return size;
}

/**
 * Returns the filters for the rows after or before a cursor. @throws GraphQLError for a malformed cursor or one from another
 * order.
 */
function rowsBeyond<Row, Filter, Order>(
  cursor: string,
  side: "after" | "before",
  { name, key, isReversed }: ListOrder<Row, Filter, Order>,
): Filter[] {
  try {
    const text = Buffer.from(cursor, "base64url").toString("utf8");
    const [value, id] = z
      .tuple([z.unknown(), z.unknown(), z.literal(name)])
      .parse(JSON.parse(text));
    const isLater = (side === "after") !== isReversed;
    return isLater ? key.rowsAfter(value, id) : key.rowsBefore(value, id);
  } catch (cause) {
    throw graphQLError("BAD_USER_INPUT", "This cursor is not valid. Start again without it.", {
      cause,
    });
  }
}

/**
 * Returns one condition for each SQL statement that reads the page, in the order of the statements. A page that does not start at
 * a cursor has one statement.
 */
function conditionsOf<Row, Filter, Order>(args: PageArgs, order: ListOrder<Row, Filter, Order>) {
  const isBackward = args.last != null;
  const [start, end] = [args.after, args.before];
  const [from, to] = isBackward ? [end, start] : [start, end];
  const [side, otherSide]: ["after" | "before", "after" | "before"] = isBackward
    ? ["before", "after"]
    : ["after", "before"];
  const bound = to ? [{ OR: rowsBeyond(to, otherSide, order) }] : [];
  return from ? rowsBeyond(from, side, order).map((range) => [range, ...bound]) : [bound];
}

type Statement<Row, Filter, Order> = (page: PageQuery<Filter, Order>) => Promise<Row[]>;

/**
 * Resolves to a relay connection (https://relay.dev/graphql/connections.htm). `find` runs one SQL statement. If the first
 * statement does not fill the page, `find` may be called again: rows whose sort column is null need their own statement. `count`
 * resolves to the number of all rows, up to a limit. It is called only when it is selected and the page does not contain the
 * whole list. @throws GraphQLError for a bad page size or cursor.
 */
export async function keysetConnection<Row extends { id: string }, Filter, Order>(
  args: PageArgs,
  order: ListOrder<NoInfer<Row>, Filter, Order>,
  find: Statement<Row, Filter, Order>,
  count: (limit?: number) => Promise<number>,
) {
  const { after: start, before: end } = args;
  const { name, key, isReversed } = order;
  const size = pageSize(args);
  const isBackward = args.last != null;
  const orderBy = isBackward === isReversed ? key.natural : key.reversed;
  const rows: Row[] = [];
  for (const condition of conditionsOf(args, order)) {
    const take = size + 1 - rows.length;
    if (take > 0) rows.push(...(await find({ where: { AND: condition }, orderBy, take })));
  }
  const hasMore = rows.length > size;
  const page = isBackward ? rows.slice(0, size).reverse() : rows.slice(0, size);
  const cursorOf = (row: Row) =>
    Buffer.from(JSON.stringify([key.valueOf(row), row.id, name])).toString("base64url");
  const edges = page.map((node) => ({ cursor: cursorOf(node), node }));
  const isWhole = !start && !end && !hasMore;
  return {
    edges,
    pageInfo: {
      // A cursor's own row lies just outside the page. So there is another row on that side, unless the cursor's row was deleted
      // meanwhile.
      hasNextPage: Boolean(end) || (!isBackward && hasMore),
      hasPreviousPage: Boolean(start) || (isBackward && hasMore),
      startCursor: edges.at(0)?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
    isWhole,
    count: (limit?: number) => (isWhole ? Promise.resolve(page.length) : count(limit)),
  };
}

/**
 * Reads a whole list in its order, in pages of `size` rows. Each page is a statement of its own, so no connection is held between
 * two pages.
 */
export async function* everyPage<Sorted extends { id: string }, Row extends Sorted, Filter, Order>(
  { key, isReversed }: ListOrder<Sorted, Filter, Order>,
  size: number,
  find: Statement<Row, Filter, Order>,
): AsyncGenerator<Row[], void> {
  const orderBy = isReversed ? key.reversed : key.natural;
  let ranges: Filter[][] = [[]];
  while (ranges.length > 0) {
    const [range = [], ...rest] = ranges;
    const rows = await find({ where: { AND: range }, orderBy, take: size });
    if (rows.length > 0) yield rows;
    const last = rows.at(-1);
    if (rows.length < size || !last) ranges = rest;
    else {
      const after = [key.valueOf(last), last.id] as const;
      const next = isReversed ? key.rowsBefore(...after) : key.rowsAfter(...after);
      ranges = next.map((filter) => [filter]);
    }
  }
}

type Creation = typeof byCreation;

type CreationFilter = ReturnType<Creation["rowsAfter"]>[number];

/** Resolves to the connection of a list that has only one order: newest first. */
export function newestFirstConnection<Row extends { id: string; createdAt: Date | null }>(
  args: PageArgs,
  find: Statement<Row, CreationFilter, Creation["natural"]>,
  count: () => Promise<number>,
) {
  const order = { name: "newest first", key: byCreation, isReversed: false };
  return keysetConnection<Row, CreationFilter, Creation["natural"]>(args, order, find, count);
}
