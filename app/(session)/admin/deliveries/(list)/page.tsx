import { ConsolePage } from "@/components/console/console-page";
import {
  DeliveriesTable,
  DeliveryRow,
  deliveryColumns,
} from "@/components/console/deliveries-table";
import { DeliveryActs } from "@/components/console/delivery-acts";
import { DeliveryHistogram } from "@/components/console/delivery-histogram";
import { DeliveryHistogramData } from "@/components/console/delivery-histogram-data";
import { DeliveryKinds } from "@/components/console/delivery-kinds";
import { deliveryControls } from "@/components/console/list-controls";
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

export const metadata = { title: "Deliveries" };

const deliveriesQuery = graphql(
  `
    query Deliveries(
      $query: String
      $filter: DeliveryFilter
      $orderBy: DeliveryOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      deliveries(
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
            ...DeliveryRow
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
      deliveryHistogram(query: $query, filter: $filter) {
        ...DeliveryHistogramData
      }
    }
  `,
  [DeliveryRow, DeliveryHistogramData],
);

const path = paths.deliveries;

export default async function DeliveriesPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(
      path,
      searchParams,
      deliveryControls,
      deliveryColumns,
      rememberedLayout("DELIVERIES"),
    );
    const { deliveries, deliveryHistogram } = await redirectOnRefusedCursor(
      query({ query: deliveriesQuery, variables: request.variables }),
      request,
    );
    return (
      <ListPage
        title="Deliveries"
        count={deliveries.count}
        tools={
          <>
            <DeliveryKinds current="log" />
            <ListTools
              searchLabel="Search by id"
              request={request}
              controls={deliveryControls}
              table={{ list: "DELIVERIES", columns: deliveryColumns }}
            />
          </>
        }
      >
        <DeliveryHistogram data={deliveryHistogram} path={path} kept={request.kept} />
        {deliveries.count.number > 0 && (request.words || request.variables.filter) && (
          <DeliveryActs
            selection={{ query: request.variables.query, filter: request.variables.filter }}
            what="all deliveries that match"
            mayReplay
            mayDismiss
          />
        )}
        <ListResult
          what="deliveries"
          empty="No webhooks received yet. Each one from Clerk appears here."
          request={request}
          list={deliveries}
          forSelection="deliveries"
        >
          <DeliveriesTable
            deliveries={deliveries.edges.map(({ node }) => node)}
            sorting={request.sorting}
            layout={{ ...request.layout, sheetHrefOf: null }}
          />
        </ListResult>
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
