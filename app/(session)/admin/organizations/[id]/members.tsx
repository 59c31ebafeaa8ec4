import { notFound } from "next/navigation";
import { ConsolePage } from "@/components/console/console-page";
import { memberControls } from "@/components/console/list-controls";
import {
  filtersOf,
  type ListRequest,
  pagerLinks,
  redirectOnRefusedCursor,
  sortingOf,
} from "@/components/console/list-request";
import { MemberRow, MembersTable } from "@/components/console/members-table";
import { NoMatch } from "@/components/console/no-match";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

const membersQuery = graphql(
  `
    query OrganizationMembers(
      $id: ID!
      $query: String
      $filter: MemberFilter
      $orderBy: MemberOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      organization(id: $id) {
        id
        members(
          query: $query
          filter: $filter
          orderBy: $orderBy
          first: $first
          after: $after
          last: $last
          before: $before
        ) {
          edges {
            node {
              id
              ...MemberRow
            }
          }
          pageInfo {
            hasNextPage
            hasPreviousPage
            startCursor
            endCursor
          }
        }
      }
    }
  `,
  [MemberRow],
);

type MembersRequest = ListRequest<(typeof memberControls.sorts)[number]["field"]>;

/** One page of an organization's members. Streams in after the organization's facts. */
export async function Members({ id, request }: { id: string; request: MembersRequest }) {
  const drawing = await drawOrReport(async () => {
    const { words, variables, sort } = request;
    const path = paths.organization(id);
    const { filter } = filtersOf(path, request, memberControls);
    const result = query({
      query: membersQuery,
      variables: { id, ...variables, filter, orderBy: sort },
    });
    const { organization } = await redirectOnRefusedCursor(result, path, request);
    if (!organization) notFound();
    const { edges, pageInfo } = organization.members;
    if (edges.length === 0) {
      return words || filter ? (
        <NoMatch what="members" words={words} clearedHref={path} />
      ) : (
        <EmptyState>This organization has no members. They appear here when they join.</EmptyState>
      );
    }
    return (
      <>
        <MembersTable
          memberships={edges.map(({ node }) => node)}
          sorting={sortingOf(path, request, memberControls)}
        />
        <Pager {...pagerLinks(path, request, pageInfo)} />
      </>
    );
  });
  return <ConsolePage {...drawing} />;
}
