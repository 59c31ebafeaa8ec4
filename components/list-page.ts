/** Keyset pagination of a list, with the cursor in the URL. */
import { z } from "zod";

const cursor = z.string().optional().catch(undefined);
const parameters = z.object({ after: cursor, before: cursor });

/**
 * Schema of a search text in a URL. Cuts it to `length` characters and replaces control characters with spaces, because Postgres
 * refuses NUL; "" for a value that is no text.
 */
export const searchText = (length: number) =>
  z
    .string()
    .transform((text) =>
      text
        .replaceAll(/\p{Cc}/gu, " ")
        .trim()
        .slice(0, length),
    )
    .catch("");

/** Returns the query's variables for the page that the URL's cursor selects. */
export function pageVariables(searchParams: unknown, size: number) {
  const { after, before } = parameters.parse(searchParams);
  return { ...(before ? { last: size } : { first: size }), after, before };
}

type PageInfo = {
  hasNextPage: boolean;
  hasPreviousPage: boolean;
  startCursor: string | null;
  endCursor: string | null;
};

/**
 * Returns the URLs of the previous and the next page; null for a page that does not exist. `kept`: other parameters of the list.
 */
export function pageLinks(path: string, pageInfo: PageInfo, kept: Record<string, string> = {}) {
  const link = (side: "after" | "before", at: string | null, hasMore: boolean) =>
    hasMore && at ? `${path}?${new URLSearchParams({ ...kept, [side]: at })}` : null;
  return {
    previous: link("before", pageInfo.startCursor, pageInfo.hasPreviousPage),
    next: link("after", pageInfo.endCursor, pageInfo.hasNextPage),
  };
}
