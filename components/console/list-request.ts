/** The parameters of a list's URL: search words in `?q=`, a cursor in `?after=` or `?before=`. */
import { CombinedGraphQLErrors } from "@apollo/client";
import { redirect } from "next/navigation";
import { z } from "zod";

const PAGE_SIZE = 50;

const cursor = z.string().min(1).max(500).optional().catch(undefined);

const parameters = z.object({
  // Drops control characters, as Postgres refuses NUL. The API accepts at most 8 words and 200 characters.
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
  /** The search words as typed; empty without a search. */
  words: string;
  /** The connection's arguments. */
  variables: {
    query: string | null;
    first?: number;
    after?: string;
    last?: number;
    before?: string;
  };
};

/** Ignores what is malformed; never throws. */
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

/** Links to the previous and next page of a list, null where there is none. */
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
 * The data of a list's query. Redirects to the list's first page when the API refuses the URL's cursor.
 * @throws any other error of the query.
 */
export async function redirectOnRefusedCursor<Data>(
  result: Promise<{ data: Data }>,
  path: string,
  words: string,
): Promise<Data> {
  const { data } = await result.catch((error) => {
    if (isRefusedCursor(error)) redirect(hrefOf(path, words, undefined));
    throw error;
  });
  return data;
}
