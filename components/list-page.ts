/** Keyset pagination of a list, with the cursor in the URL. */
import { z } from "zod";

const cursor = z.string().optional().catch(undefined);
const parameters = z.object({ after: cursor, before: cursor });

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

/** Returns the URLs of the previous and next page; null where there is none. `kept`: other parameters of the list. */
export function pageLinks(path: string, pageInfo: PageInfo, kept: Record<string, string> = {}) {
  const link = (side: "after" | "before", at: string | null, hasMore: boolean) =>
    hasMore && at ? `${path}?${new URLSearchParams({ ...kept, [side]: at })}` : null;
  return {
    newer: link("before", pageInfo.startCursor, pageInfo.hasPreviousPage),
    older: link("after", pageInfo.endCursor, pageInfo.hasNextPage),
  };
}
