/** What a list's URL asks for: `?q=` words, and `?after=` or `?before=` a cursor. Parses; never throws. */
import { CombinedGraphQLErrors } from "@apollo/client";
import { redirect } from "next/navigation";
import { z } from "zod";

const PAGE_SIZE = 50;

const cursor = z.string().min(1).max(500).optional().catch(undefined);

const parameters = z.object({
  // Control characters are no words, and Postgres refuses NUL. The API takes no more than 8 words of 200 characters.
  q: z
    .string()
    .transform((words) =>
      words
        .replaceAll(/\p{Cc}/gu, " ")
        .trim()
        .slice(0, 200)
        .replace(/^((?:\S+\s+){7}\S+).*$/s, "$1"),
    )
    .catch(""),
  after: cursor,
  before: cursor,
});

type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
};

export type ListRequest = {
  /** What was searched for; empty when nothing was. */
  words: string;
  /** The arguments of the connection. */
  variables: {
    query: string | null;
    first?: number;
    after?: string;
    last?: number;
    before?: string;
  };
};

export async function parseListRequest(searchParams: Promise<unknown>): Promise<ListRequest> {
  const { q, after, before } = parameters.parse(await searchParams);
  const page = before ? { last: PAGE_SIZE, before } : { first: PAGE_SIZE, after };
  return { words: q, variables: { query: q || null, ...page } };
}

function hrefOf(
  path: string,
  words: string,
  position: { after: string } | { before: string } | undefined,
) {
  const search = new URLSearchParams({ ...(words && { q: words }), ...position }).toString();
  return search ? `${path}?${search}` : path;
}

/** Links to the neighbouring pages of a list, null where there is none. */
export function pagerLinks(path: string, words: string, page: PageInfo) {
  const { startCursor, endCursor, hasPreviousPage, hasNextPage } = page;
  return {
    newer: hasPreviousPage && startCursor ? hrefOf(path, words, { before: startCursor }) : null,
    older: hasNextPage && endCursor ? hrefOf(path, words, { after: endCursor }) : null,
  };
}

function isRefusedCursor(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) &&
    error.errors.some(({ extensions }) => extensions?.code === "BAD_USER_INPUT")
  );
}

/**
 * The data of a list's query. A cursor that the API does not know as its own leads to the list's first page.
 * @throws what the query throws otherwise.
 */
export async function redirectOnRefusedCursor<Data>(
  asked: Promise<{ data: Data }>,
  path: string,
  words: string,
): Promise<Data> {
  const { data } = await asked.catch((error) => {
    if (isRefusedCursor(error)) redirect(hrefOf(path, words, undefined));
    throw error;
  });
  return data;
}
