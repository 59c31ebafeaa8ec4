/**
 * Keyset pagination, newest first, rows without a creation time last. A cursor holds (createdAt, id) of its row, so it works
 * after the row is deleted. Refuses a page of more than {@link MAX_PAGE} and a malformed cursor.
 */
import { z } from "zod";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;
type Row = { id: string; createdAt: Date | null };
type PageArgs = {
  first?: number | null;
  last?: number | null;
  before?: string | null;
  after?: string | null;
};

/** The times that a cursor may hold, in ms: years 1 to 9999, as in the mirror. Others are no ISO text that Postgres reads. */
const [FIRST_TIME, LAST_TIME] = [-62_135_596_800_000, 253_402_300_799_999];

const position = z.tuple([
  z.number().int().min(FIRST_TIME).max(LAST_TIME).nullable(),
  z.string().min(1).refine(isStorable),
]);

type Position = { createdAt: Date | null; id: string };

function toCursor({ createdAt, id }: Row): string {
  return Buffer.from(JSON.stringify([createdAt?.getTime() ?? null, id])).toString("base64url");
}

function fromCursor(cursor: string): Position {
  try {
    const [createdAt, id] = position.parse(
      JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")),
    );
    return { createdAt: createdAt === null ? null : new Date(createdAt), id };
  } catch (cause) {
    throw graphQLError("BAD_USER_INPUT", "This cursor is not valid. Start again without it.", {
      cause,
    });
  }
}

/** The rows that come later in the list: created before, or at an unknown time. SQL compares nothing with NULL. */
function after({ createdAt, id }: Position): Filter {
  const sameTime = { createdAt, id: { lt: id } };
  return createdAt
    ? { OR: [{ createdAt: { lt: createdAt } }, sameTime, { createdAt: null }] }
    : { OR: [sameTime] };
}

/** The rows that come earlier in the list. */
function before({ createdAt, id }: Position): Filter {
  const sameTime = { createdAt, id: { gt: id } };
  const created = createdAt ? { createdAt: { gt: createdAt } } : { createdAt: { not: null } };
  return { OR: [created, sameTime] };
}

type TimeFilter = Date | null | { lt: Date } | { gt: Date } | { not: null };
type Filter = { OR: { createdAt: TimeFilter; id?: { lt: string } | { gt: string } }[] };

/** Newest first. Rows without a creation time come last, and not first, where Postgres sorts NULL in DESC. */
export const newestFirst = [
  { createdAt: { sort: "desc", nulls: "last" } },
  { id: "desc" },
] satisfies Order;
const oldestFirst = [{ createdAt: { sort: "asc", nulls: "first" } }, { id: "asc" }] satisfies Order;

type Order = [
  { createdAt: { sort: "asc" | "desc"; nulls: "first" | "last" } },
  { id: "asc" | "desc" },
];

/** The part of `findMany` that selects a page. */
type PageQuery = { where: { AND: Filter[] }; orderBy: Order; take: number };

function pageSize({ first, last }: PageArgs): number {
  if (first != null && last != null)
    throw graphQLError("BAD_USER_INPUT", "Pass first or last, not both.");
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size < 0 || size > MAX_PAGE)
    throw graphQLError("BAD_USER_INPUT", `A page has 0 to ${MAX_PAGE} items.`);
  return size;
}

/**
 * A relay connection, newest first (https://relay.dev/graphql/connections.htm). `find` returns the rows of one page; `count`, the
 * number of all rows, is called only when `totalCount` is selected. @throws GraphQLError for a bad page size or cursor.
 */
export async function keysetConnection<R extends Row>(
  args: PageArgs,
  find: (page: PageQuery) => Promise<R[]>,
  count: () => Promise<number>,
) {
  const { after: start, before: end } = args;
  const size = pageSize(args);
  const isBackward = args.last != null;
  const rows = await find({
    where: {
      AND: [
        ...(start ? [after(fromCursor(start))] : []),
        ...(end ? [before(fromCursor(end))] : []),
      ],
    },
    orderBy: isBackward ? oldestFirst : newestFirst,
    take: size + 1,
  });
  const hasMore = rows.length > size;
  const page = isBackward ? rows.slice(0, size).reverse() : rows.slice(0, size);
  const edges = page.map((node) => ({ cursor: toCursor(node), node }));
  return {
    edges,
    pageInfo: {
      // A cursor's own row is beyond it, unless it was deleted. Never false while rows may follow.
      hasNextPage: Boolean(end) || (!isBackward && hasMore),
      hasPreviousPage: Boolean(start) || (isBackward && hasMore),
      startCursor: edges.at(0)?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
    count,
  };
}
