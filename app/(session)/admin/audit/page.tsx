import { AuditRow, AuditTable } from "@/components/console/audit-table";
import { ConsolePage } from "@/components/console/console-page";
import { auditControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import { parseListRequest, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { ListTools } from "@/components/console/list-tools";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Audit" };

const auditQuery = graphql(
  `
    query AuditLog(
      $query: String
      $filter: AuditFilter
      $orderBy: AuditOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      auditEntries(
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
            ...AuditRow
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
  [AuditRow],
);

const path = paths.audit;

export default async function AuditPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(path, searchParams, auditControls);
    const { auditEntries } = await redirectOnRefusedCursor(
      query({ query: auditQuery, variables: request.variables }),
      request,
    );
    return (
      <ListPage
        title="Audit"
        count={auditEntries.totalCount}
        tools={
          <ListTools
            searchLabel="Search by id or action"
            request={request}
            controls={auditControls}
          />
        }
      >
        <ListResult
          what="entries"
          empty="Nothing has been recorded yet. What admins and Rollcall do appears here."
          request={request}
          list={auditEntries}
        >
          <AuditTable
            entries={auditEntries.edges.map(({ node }) => node)}
            sorting={request.sorting}
          />
        </ListResult>
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
