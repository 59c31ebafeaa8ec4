/** The pages of a list with keyset pagination. The URL has the cursor. */
import { z } from "zod";

const cursor = z.string().optional().catch(undefined);
const parameters = z.object({ after: cursor, before: cursor });

/** The variables of the query for the page that a URL names. */
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

/** The URLs of the neighbouring pages; null where there is none. `kept`: other parameters of the list. */
export function pageLinks(path: string, pageInfo: PageInfo, kept: Record<string, string> = {}) {
  const link = (side: "after" | "before", at: string | null, hasMore: boolean) =>
    hasMore && at ? `${path}?${new URLSearchParams({ ...kept, [side]: at })}` : null;
  return {
    newer: link("before", pageInfo.startCursor, pageInfo.hasPreviousPage),
    older: link("after", pageInfo.endCursor, pageInfo.hasNextPage),
  };
}
