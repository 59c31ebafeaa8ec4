import { ConsolePage } from "@/components/console/console-page";
import { ListPage } from "@/components/console/list-page";
import {
  pagerLinks,
  parseListRequest,
  redirectOnRefusedCursor,
} from "@/components/console/list-request";
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
    query Organizations($query: String, $first: Int, $after: String, $last: Int, $before: String) {
      organizations(query: $query, first: $first, after: $after, last: $last, before: $before) {
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

export default async function OrganizationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.organizations);
    const { words, variables } = await parseListRequest(searchParams);
    const { organizations } = await redirectOnRefusedCursor(
      query({ query: organizationsQuery, variables }),
      paths.organizations,
      words,
    );
    const { totalCount, edges, pageInfo } = organizations;
    return (
      <ListPage
        title="Organizations"
        count={totalCount}
        search={{ label: "Search organizations", words }}
      >
        {edges.length > 0 ? (
          <OrganizationsTable organizations={edges.map(({ node }) => node)} />
        ) : words ? (
          <NoMatch what="organizations" words={words} clearedHref={paths.organizations} />
        ) : (
          <EmptyState>
            No organizations yet. One appears here as soon as a member creates it.
          </EmptyState>
        )}
        <Pager {...pagerLinks(paths.organizations, words, pageInfo)} />
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
