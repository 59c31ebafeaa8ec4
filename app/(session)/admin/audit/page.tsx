import { AuditSheet } from "@/components/console/audit-sheet";
import { AuditRow, AuditTable, auditColumns } from "@/components/console/audit-table";
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
import { rememberedLayout } from "@/lib/query/remembered-layout";

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
        count {
          number
          precision
        }
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
    const request = await parseListRequest(
      path,
      searchParams,
      auditControls,
      auditColumns,
      rememberedLayout("AUDIT"),
    );
    const { auditEntries } = await redirectOnRefusedCursor(
      query({ query: auditQuery, variables: request.variables }),
      request,
    );
    const shown = auditEntries.edges.find(({ node }) => node.id === request.layout.shownId);
    return (
      <ListPage
        title="Audit"
        count={auditEntries.count}
        tools={
          <ListTools
            searchLabel="Search by id or action"
            request={request}
            controls={auditControls}
            table={{
              list: "AUDIT",
              columns: auditColumns,
              exported: { list: "audit", nameField: { id: "action", label: "Action" } },
            }}
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
            layout={request.layout}
          />
        </ListResult>
        {shown && <AuditSheet entry={shown.node} closeHref={request.sheetClosedHref} />}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
