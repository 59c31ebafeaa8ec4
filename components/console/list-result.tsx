import type { ReactNode } from "react";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { formatCount, formatListCount } from "@/lib/format";
import type { ForSelection } from "./bulkable-acts";
import type { ListCount } from "./list-page";
import { type ListRequest, type PageInfo, pagerLinks } from "./list-request";
import { NoMatch } from "./no-match";
import { SelectionBar } from "./selection-bar";

/** The table of a list with links to its other pages. Without rows, a text says why the list is empty. */
export function ListResult<Input, Field>(props: {
  /** The plural of the listed objects, like "people". */
  what: string;
  /** The text to show if the list has no rows and the URL has neither a search nor a filter. */
  empty: string;
  request: ListRequest<Input, Field>;
  list: {
    edges: { node: { id: string } }[];
    pageInfo: PageInfo;
    count?: ListCount;
    isSimilar?: boolean;
  };
  /** What can be done with the selected rows. */
  forSelection?: ForSelection;
  children: ReactNode;
}) {
  const { what, empty, request, list, forSelection, children } = props;
  const { path, words, variables, notices } = request;
  const notes = [
    ...notices,
    ...(list.isSimilar ? [`No exact match for “${words}”. Showing similar ${what}.`] : []),
  ];
  return (
    <>
      {notes.map((note) => (
        <p
          key={note}
          role="status"
          className="rounded-control border border-line bg-warn-quiet px-3 py-2 text-warn wrap-anywhere"
        >
          {note}
        </p>
      ))}
      {list.edges.length > 0 ? (
        <>
          {children}
          <Pager
            {...pagerLinks(request, list.pageInfo, list.edges.length)}
            range={rangeOf(request, list.edges.length, list.count)}
          />
          <SelectionBar
            path={path}
            what={what}
            pageIds={list.edges.map(({ node }) => node.id)}
            forSelection={forSelection}
          />
        </>
      ) : words || variables.filter ? (
        <NoMatch what={what} words={words} clearedHref={path} />
      ) : (
        <EmptyState>{empty}</EmptyState>
      )}
    </>
  );
}

/** Returns the range of rows on this page: "51–100 of 12,034". */
function rangeOf(
  { from }: ListRequest<unknown, unknown>,
  rowCount: number,
  count: ListCount | undefined,
): string {
  if (from === null) return `${formatCount(rowCount)} on this page`;
  const range = `${formatCount(from)}–${formatCount(from + rowCount - 1)}`;
  return count ? `${range} of ${formatListCount(count)}` : range;
}
