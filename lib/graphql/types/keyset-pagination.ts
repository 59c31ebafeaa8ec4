/**
 * Keyset pagination, newest first. A cursor holds (createdAt, id) of its row, so it works after the row is deleted. Refuses a
 * page of more than {@link MAX_PAGE} and a malformed cursor.
 */
import { z } from "zod";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;
/** Limits the work of a search, which compares each word with each column of each row. */
const MAX_WORDS = 8;
const MAX_QUERY_LENGTH = 200;

type Row = { id: string; createdAt: Date | null };
type PageArgs = {
  first?: number | null;
  last?: number | null;
  before?: string | null;
  after?: string | null;
};

/** The latest time that a Date can hold, in ms. */
const LAST_DATE = 8.64e15;

const position = z.tuple([
  z.number().int().nonnegative().max(LAST_DATE),
  z.string().min(1).refine(isStorable),
]);

function toCursor(row: Row): string {
  return Buffer.from(JSON.stringify([row.createdAt?.getTime() ?? 0, row.id])).toString("base64url");
}

function fromCursor(cursor: string): { createdAt: Date; id: string } {
  try {
    const [createdAt, id] = position.parse(
      JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")),
    );
    return { createdAt: new Date(createdAt), id };
  } catch (cause) {
    throw graphQLError("BAD_USER_INPUT", "This cursor is not valid. Start again without it.", {
      cause,
    });
  }
}

/** The rows strictly before (`lt`) or after (`gt`) a cursor, in the order (createdAt, id). */
function beyond(cursor: string, side: "lt" | "gt") {
  const { createdAt, id } = fromCursor(cursor);
  return { OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }] };
}

/** The part of `findMany` that selects a page. */
type PageQuery = {
  where: { AND: ReturnType<typeof beyond>[] };
  orderBy: [{ createdAt: "asc" | "desc" }, { id: "asc" | "desc" }];
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
 * A relay connection, newest first (https://relay.dev/graphql/connections.htm). `find` returns the rows of one page; `count`, the
 * number of all rows, is called only when `totalCount` is selected. @throws GraphQLError for a bad page size or cursor.
 */
export async function keysetConnection<R extends Row>(
  args: PageArgs,
  find: (page: PageQuery) => Promise<R[]>,
  count: () => Promise<number>,
) {
  const { after, before } = args;
  const size = pageSize(args);
  const isBackward = args.last != null;
  const rows = await find({
    where: {
      AND: [...(after ? [beyond(after, "lt")] : []), ...(before ? [beyond(before, "gt")] : [])],
    },
    orderBy: isBackward
      ? [{ createdAt: "asc" }, { id: "asc" }]
      : [{ createdAt: "desc" }, { id: "desc" }],
    take: size + 1,
  });
  const hasMore = rows.length > size;
  const page = isBackward ? rows.slice(0, size).reverse() : rows.slice(0, size);
  const edges = page.map((node) => ({ cursor: toCursor(node), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: isBackward ? Boolean(before) : hasMore,
      hasPreviousPage: isBackward ? hasMore : Boolean(after),
      startCursor: edges.at(0)?.cursor,
      endCursor: edges.at(-1)?.cursor,
    },
    count,
  };
}

/** Each word of `query` must occur in one of `columns`, ignoring case. @throws GraphQLError for too many words or characters. */
export function containing<Column extends string>(
  query: string | null | undefined,
  columns: Column[],
) {
  // Postgres refuses U+0000 and lone surrogates. Prisma does not escape the wildcards of LIKE.
  const words = query?.toWellFormed().replaceAll("\u0000", " ").split(/\s+/).filter(Boolean) ?? [];
  if ((query?.length ?? 0) > MAX_QUERY_LENGTH || words.length > MAX_WORDS) {
    throw graphQLError(
      "BAD_USER_INPUT",
      `Search for at most ${MAX_WORDS} words with ${MAX_QUERY_LENGTH} characters in total.`,
    );
  }
  return words.map((word) => {
    const contains = word.replace(/[\\%_]/g, "\\$&");
    return {
      OR: columns.map((column) => ({ [column]: { contains, mode: "insensitive" as const } })),
    };
  });
}
