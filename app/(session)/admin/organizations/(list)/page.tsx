import { BulkableActFields } from "@/components/console/bulkable-acts";
import { ConsolePage } from "@/components/console/console-page";
import { organizationControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import { parseListRequest, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { ListTools } from "@/components/console/list-tools";
import {
  OrganizationRow,
  OrganizationsTable,
  organizationColumns,
} from "@/components/console/organizations-table";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { rememberedLayout } from "@/lib/query/remembered-layout";
import { OrganizationSheet } from "./organization-sheet";

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
      bulkableActs(kind: ORGANIZATION) {
        ...BulkableActFields
      }
      organizations(
        query: $query
        filter: $filter
        orderBy: $orderBy
        orSimilar: true
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        isSimilar
        count {
          number
          precision
        }
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
  [OrganizationRow, BulkableActFields],
);

const path = paths.organizations;

export default async function OrganizationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(
      path,
      searchParams,
      organizationControls,
      organizationColumns,
      rememberedLayout("ORGANIZATIONS"),
    );
    const { organizations, bulkableActs } = await redirectOnRefusedCursor(
      query({ query: organizationsQuery, variables: request.variables }),
      request,
    );
    return (
      <ListPage
        title="Organizations"
        count={organizations.count}
        tools={
          <ListTools
            searchLabel="Search organizations"
            request={request}
            controls={organizationControls}
            table={{
              list: "ORGANIZATIONS",
              columns: organizationColumns,
              exported: { list: "organizations", nameField: { id: "name", label: "Name" } },
            }}
          />
        }
      >
        <ListResult
          what="organizations"
          empty="No organizations yet. One appears here as soon as a member creates it."
          request={request}
          list={organizations}
          forSelection={{
            acts: bulkableActs,
            exported: {
              list: "organizations",
              fields: [{ id: "name", label: "Name", isOptional: false }, ...organizationColumns],
            },
          }}
        >
          <OrganizationsTable
            organizations={organizations.edges.map(({ node }) => node)}
            sorting={request.sorting}
            layout={request.layout}
          />
        </ListResult>
        {request.layout.shownId && (
          <OrganizationSheet id={request.layout.shownId} closeHref={request.sheetClosedHref} />
        )}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
