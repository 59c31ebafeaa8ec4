import { ConsolePage } from "@/components/console/console-page";
import { InvitationRow, InvitationsTable } from "@/components/console/invitations-table";
import { invitationControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import {
  filtersOf,
  pagerLinks,
  parseListRequest,
  redirectOnRefusedCursor,
  sortingOf,
} from "@/components/console/list-request";
import { ListTools } from "@/components/console/list-tools";
import { NoMatch } from "@/components/console/no-match";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Invitations" };

const invitationsQuery = graphql(
  `
    query Invitations(
      $query: String
      $filter: InvitationFilter
      $orderBy: InvitationOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      invitations(
        query: $query
        filter: $filter
        orderBy: $orderBy
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        totalCount
        edges {
          node {
            id
            ...InvitationRow
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
  `,
  [InvitationRow],
);

const path = paths.invitations;

export default async function InvitationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(searchParams, invitationControls);
    const { filter } = filtersOf(path, request, invitationControls);
    const variables = { ...request.variables, filter, orderBy: request.sort };
    const { invitations } = await redirectOnRefusedCursor(
      query({ query: invitationsQuery, variables }),
      path,
      request,
    );
    const { totalCount, edges, pageInfo } = invitations;
    return (
      <ListPage
        title="Invitations"
        count={totalCount}
        tools={
          <ListTools
            path={path}
            searchLabel="Search by e-mail address"
            request={request}
            controls={invitationControls}
          />
        }
      >
        {edges.length > 0 ? (
          <InvitationsTable
            invitations={edges.map(({ node }) => node)}
            sorting={sortingOf(path, request, invitationControls)}
          />
        ) : request.words || filter ? (
          <NoMatch what="invitations" words={request.words} clearedHref={path} />
        ) : (
          <EmptyState>
            No invitations yet. One appears here as soon as an organization invites somebody.
          </EmptyState>
        )}
        <Pager {...pagerLinks(path, request, pageInfo)} />
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
