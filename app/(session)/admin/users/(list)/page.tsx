import { ConsolePage } from "@/components/console/console-page";
import { userControls } from "@/components/console/list-controls";
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
import { UserRow, UsersTable } from "@/components/console/users-table";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "People" };

const usersQuery = graphql(
  `
    query Users(
      $query: String
      $filter: UserFilter
      $orderBy: UserOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      users(
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
            ...UserRow
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
  [UserRow],
);

const path = paths.users;

export default async function UsersPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(searchParams, userControls);
    const { filter } = filtersOf(path, request, userControls);
    const variables = { ...request.variables, filter, orderBy: request.sort };
    const { users } = await redirectOnRefusedCursor(
      query({ query: usersQuery, variables }),
      path,
      request,
    );
    const { totalCount, edges, pageInfo } = users;
    return (
      <ListPage
        title="People"
        count={totalCount}
        tools={
          <ListTools
            path={path}
            searchLabel="Search people"
            request={request}
            controls={userControls}
          />
        }
      >
        {edges.length > 0 ? (
          <UsersTable
            users={edges.map(({ node }) => node)}
            sorting={sortingOf(path, request, userControls)}
          />
        ) : request.words || filter ? (
          <NoMatch what="people" words={request.words} clearedHref={path} />
        ) : (
          <EmptyState>No people yet. A person appears here as soon as they sign up.</EmptyState>
        )}
        <Pager {...pagerLinks(path, request, pageInfo)} />
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
