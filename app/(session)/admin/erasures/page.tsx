import { z } from "zod";
import { ConsolePage } from "@/components/console/console-page";
import { ErasureBrake } from "@/components/console/erasure-brake";
import { ErasurePlot } from "@/components/console/erasure-plot";
import { ErasureReceipts } from "@/components/console/erasure-receipts";
import { ErasureSheet, ErasureSheetFields } from "@/components/console/erasure-sheet";
import { ErasureRow, ErasuresTable, erasureColumns } from "@/components/console/erasures-table";
import { erasureControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import { parseListRequest, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { ListTools } from "@/components/console/list-tools";
import { Section } from "@/components/console/section";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { rememberedLayout } from "@/lib/query/remembered-layout";

export const metadata = { title: "Erasures" };

const erasuresQuery = graphql(
  `
    query Erasures(
      $query: String
      $filter: ErasureFilter
      $orderBy: ErasureOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      erasures(
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
            ...ErasureRow
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
      erasureBrake {
        engagedAt
        deletions
        waiting
      }
      erasureReceipts {
        count
        hash
        fault
        verifiedAt
      }
      erasureDays {
        day
        deleted
        erased
      }
    }
  `,
  [ErasureRow],
);

const erasureQuery = graphql(
  `
    query Erasure($erasureId: ID!) {
      erasure(erasureId: $erasureId) {
        ...ErasureSheetFields
      }
    }
  `,
  [ErasureSheetFields],
);

const anId = z.guid();

/** Resolves to the erasure in the side sheet; null if there is none, as in a mistyped URL. */
async function findShown(id: string | null) {
  const { data: erasureId } = anId.safeParse(id);
  if (erasureId === undefined) return null;
  return (await query({ query: erasureQuery, variables: { erasureId } })).data.erasure;
}

const path = paths.erasures;

export default async function ErasuresPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(
      path,
      searchParams,
      erasureControls,
      erasureColumns,
      rememberedLayout("ERASURES"),
    );
    const [data, shown] = await Promise.all([
      redirectOnRefusedCursor(
        query({ query: erasuresQuery, variables: request.variables }),
        request,
      ),
      findShown(request.layout.shownId),
    ]);
    const { erasures, erasureBrake, erasureReceipts, erasureDays } = data;
    return (
      <ListPage
        title="Erasures"
        count={erasures.count}
        tools={
          <>
            <p className="max-w-prose text-pretty text-ink-soft">
              What happens to the data of deleted people and organizations. Access has ended for all
              of them.
            </p>
            {erasureBrake && <ErasureBrake {...erasureBrake} />}
            <ListTools
              searchLabel="Search by id"
              request={request}
              controls={erasureControls}
              table={{ list: "ERASURES", columns: erasureColumns }}
            />
          </>
        }
      >
        <ErasurePlot days={erasureDays} />
        <ListResult
          what="erasures"
          empty="Nothing was erased yet. Each deletion of a person or an organization appears here."
          request={request}
          list={erasures}
        >
          <ErasuresTable
            erasures={erasures.edges.map(({ node }) => node)}
            sorting={request.sorting}
            layout={request.layout}
          />
        </ListResult>
        <Section title="Receipts">
          <ErasureReceipts {...erasureReceipts} />
        </Section>
        {shown && <ErasureSheet detail={shown} closeHref={request.sheetClosedHref} />}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
