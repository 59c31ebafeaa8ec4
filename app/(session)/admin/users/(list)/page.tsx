import { ConsolePage } from "@/components/console/console-page";
import { ListPage } from "@/components/console/list-page";
import {
  pagerLinks,
  parseListRequest,
  redirectOnRefusedCursor,
} from "@/components/console/list-request";
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
    query Users($query: String, $first: Int, $after: String, $last: Int, $before: String) {
      users(query: $query, first: $first, after: $after, last: $last, before: $before) {
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

export default async function UsersPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.users);
    const { words, variables } = await parseListRequest(searchParams);
    const { users } = await redirectOnRefusedCursor(
      query({ query: usersQuery, variables }),
      paths.users,
      words,
    );
    const { totalCount, edges, pageInfo } = users;
    return (
      <ListPage title="People" count={totalCount} search={{ label: "Search people", words }}>
        {edges.length > 0 ? (
          <UsersTable users={edges.map(({ node }) => node)} />
        ) : words ? (
          <NoMatch what="people" words={words} clearedHref={paths.users} />
        ) : (
          <EmptyState>No people yet. A person appears here as soon as they sign up.</EmptyState>
        )}
        <Pager {...pagerLinks(paths.users, words, pageInfo)} />
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
