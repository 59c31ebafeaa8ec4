import { ConsolePage } from "@/components/console/console-page";
import { organizationControls } from "@/components/console/list-controls";
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
import { OrganizationRow, OrganizationsTable } from "@/components/console/organizations-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Organizations" };

const organizationsQuery = graphql(
  `
    query Organizations(
      $query: String
      $filter: OrganizationFilter
      $orderBy: OrganizationOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      organizations(
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
            ...OrganizationRow
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
  [OrganizationRow],
);

const path = paths.organizations;

export default async function OrganizationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(searchParams, organizationControls);
    const { filter } = filtersOf(path, request, organizationControls);
    const variables = { ...request.variables, filter, orderBy: request.sort };
    const { organizations } = await redirectOnRefusedCursor(
      query({ query: organizationsQuery, variables }),
      path,
      request,
    );
    const { totalCount, edges, pageInfo } = organizations;
    return (
      <ListPage
        title="Organizations"
        count={totalCount}
        tools={
          <ListTools
            path={path}
            searchLabel="Search organizations"
            request={request}
            controls={organizationControls}
          />
        }
      >
        {edges.length > 0 ? (
          <OrganizationsTable
            organizations={edges.map(({ node }) => node)}
            sorting={sortingOf(path, request, organizationControls)}
          />
        ) : request.words || filter ? (
          <NoMatch what="organizations" words={request.words} clearedHref={path} />
        ) : (
          <EmptyState>
            No organizations yet. One appears here as soon as a member creates it.
          </EmptyState>
        )}
        <Pager {...pagerLinks(path, request, pageInfo)} />
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
