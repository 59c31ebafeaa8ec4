import { z } from "zod";
import { ConsolePage } from "@/components/console/console-page";
import { DeliveryPlots } from "@/components/console/delivery-plots";
import { HealthFigures, HealthFiguresState } from "@/components/console/health-figures";
import { SyncPage } from "@/components/console/health-page";
import { Pipeline, PipelineState } from "@/components/console/pipeline";
import {
  ReconciliationRow,
  ReconciliationsTable,
} from "@/components/console/reconciliations-table";
import { RefreshEveryMinute } from "@/components/console/refresh-every-minute";
import { RequestReconciliation } from "@/components/console/request-reconciliation";
import { ScheduleRow, SchedulesTable } from "@/components/console/schedules-table";
import { Section } from "@/components/console/section";
import { SyncState, SyncStateFindings } from "@/components/console/sync-state";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Sync" };

const syncQuery = graphql(
  `
    query Sync {
      syncState {
        ...SyncStateFindings
        ...PipelineState
        ...HealthFiguresState
      }
    }
  `,
  [SyncStateFindings, PipelineState, HealthFiguresState],
);

/**
 * This query needs the database. The query above does not: it returns the state of the sync even while the database does not
 * respond.
 */
const historyQuery = graphql(
  `
    query SyncHistory($range: PlotRange) {
      deliveryPlots(range: $range) {
        start
        bucketMs
        received
        medianDelayMs
        p95DelayMs
        countedSince
      }
      schedules {
        task
        ...ScheduleRow
      }
      reconciliations {
        id
        status
        ...ReconciliationRow
      }
    }
  `,
  [ReconciliationRow, ScheduleRow],
);

const parameters = z.object({ range: z.enum(["day", "week"]).catch("day") });

export default async function ConsoleSyncPage(props: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.sync);
    const { range } = parameters.parse(await props.searchParams);
    const { syncState } = (await query({ query: syncQuery })).data;
    const variables = { range: range === "day" ? ("DAY" as const) : ("WEEK" as const) };
    const history = await query({ query: historyQuery, variables }).catch(() => null);
    return (
      <>
        <RefreshEveryMinute />
        <SyncPage
          verdict={<SyncState state={syncState} />}
          acts={
            <RequestReconciliation
              isRunning={history?.data.reconciliations[0]?.status === "running"}
            />
          }
          pipeline={<Pipeline state={syncState} />}
          plots={
            <Section
              title={range === "day" ? "Last 24 hours" : "Last 7 days"}
              action={
                <Link
                  href={range === "day" ? `${paths.sync}?range=week` : paths.sync}
                  className="rounded-control text-accent hover:underline"
                >
                  {range === "day" ? "Last 7 days" : "Last 24 hours"}
                </Link>
              }
            >
              {history ? (
                <DeliveryPlots plots={history.data.deliveryPlots} />
              ) : (
                <EmptyState>The database does not answer, so there are no plots.</EmptyState>
              )}
            </Section>
          }
          runs={
            <>
              <Section title="Reconciliations">
                {history && history.data.reconciliations.length > 0 ? (
                  <ReconciliationsTable runs={history.data.reconciliations} />
                ) : (
                  <EmptyState>
                    {history
                      ? "None yet. The worker compares the mirror with Clerk once a day."
                      : "The database does not answer, so they are not known."}
                  </EmptyState>
                )}
              </Section>
              {history && (
                <Section title="Schedules">
                  <div className="max-w-4xl">
                    <SchedulesTable schedules={history.data.schedules} />
                  </div>
                </Section>
              )}
            </>
          }
          figures={<HealthFigures state={syncState} />}
        />
      </>
    );
  });
  return <ConsolePage {...drawing} />;
}
