import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { type ListRequest, type PageInfo, pagerLinks } from "./list-request";
import { NoMatch } from "./no-match";

/** The table of a list with links to its other pages. Without rows, a text says why the list is empty. */
export function ListResult<Input, Field>(props: {
  /** The plural of what is listed, like "people". */
  what: string;
  /** The text of an empty list without a search or filter. */
  empty: string;
  request: ListRequest<Input, Field>;
  list: { edges: unknown[]; pageInfo: PageInfo };
  children: ReactNode;
}) {
  const { what, empty, request, list, children } = props;
  if (list.edges.length > 0) {
    return (
      <>
        {children}
        <Pager {...pagerLinks(request, list.pageInfo)} />
      </>
    );
  }
  const { path, words, variables } = request;
  return words || variables.filter ? (
    <NoMatch what={what} words={words} clearedHref={path} />
  ) : (
    <EmptyState>{empty}</EmptyState>
  );
}
