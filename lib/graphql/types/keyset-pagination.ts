/**
 * Pages by value, newest first: a cursor holds (createdAt, id) of its row, so that it still works when the row is gone.
 * Refuses a page of more than 100 and any cursor that it did not make.
 */
import { z } from "zod";
import { graphQLError } from "../errors";
import { isStorable } from "./storable-text";

export const MAX_PAGE = 100;
export const DEFAULT_PAGE = 50;
/** Each word is looked for in each column of each row. */
const MAX_WORDS = 8;
const MAX_QUERY = 200;

type Row = { id: string; createdAt: Date | null };
type PageArgs = {
  first?: number | null;
  last?: number | null;
  before?: string | null;
  after?: string | null;
};

/** The greatest time a Date can hold. */
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
    throw graphQLError(
      "BAD_USER_INPUT",
      "This cursor is not one of ours. Start again without it.",
      { cause },
    );
  }
}

/** Rows strictly on one side of a cursor, in the order (createdAt, id). */
function beyond(cursor: string, side: "lt" | "gt") {
  const { createdAt, id } = fromCursor(cursor);
  return { OR: [{ createdAt: { [side]: createdAt } }, { createdAt, id: { [side]: id } }] };
}

/** What a page asks of Prisma; spread it into `findMany`. */
export type PageQuery = {
  where: { AND: ReturnType<typeof beyond>[] };
  orderBy: [{ createdAt: "asc" | "desc" }, { id: "asc" | "desc" }];
  take: number;
};

function pageSize({ first, last }: PageArgs): number {
  if (first != null && last != null)
    throw graphQLError("BAD_USER_INPUT", "Ask for first or last, not both.");
  const size = first ?? last ?? DEFAULT_PAGE;
  if (size < 0 || size > MAX_PAGE)
    throw graphQLError("BAD_USER_INPUT", `Ask for 0 to ${MAX_PAGE} at a time.`);
  return size;
}

/**
 * A relay connection, newest first: https://relay.dev/graphql/connections.htm. `find` returns the rows of one page,
 * `count` how many there are in all (asked only when `totalCount` is selected).
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

/** Every word of `query` must be contained in one of `columns`, whatever its case. @throws GraphQLError for too many. */
export function containing<Column extends string>(
  query: string | null | undefined,
  columns: Column[],
) {
  // Postgres refuses U+0000 and halves of characters, and Prisma hands LIKE its wildcards as they are.
  const words = query?.toWellFormed().replaceAll("\u0000", " ").split(/\s+/).filter(Boolean) ?? [];
  if ((query?.length ?? 0) > MAX_QUERY || words.length > MAX_WORDS) {
    throw graphQLError(
      "BAD_USER_INPUT",
      `Search for at most ${MAX_WORDS} words of ${MAX_QUERY} characters in all.`,
    );
  }
  return words.map((word) => {
    const contains = word.replace(/[\\%_]/g, "\\$&");
    return {
      OR: columns.map((column) => ({ [column]: { contains, mode: "insensitive" as const } })),
    };
  });
}
