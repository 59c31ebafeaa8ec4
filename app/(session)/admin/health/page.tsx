import { ConsolePage } from "@/components/console/console-page";
import { HealthFigures, HealthFiguresState } from "@/components/console/health-figures";
import { HealthPage } from "@/components/console/health-page";
import { Pipeline, PipelineState } from "@/components/console/pipeline";
import { RefreshEveryMinute } from "@/components/console/refresh-every-minute";
import { SyncState, SyncStateFindings } from "@/components/console/sync-state";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Health" };

const healthQuery = graphql(
  `
    query Health {
      syncState {
        ...SyncStateFindings
        ...PipelineState
        ...HealthFiguresState
      }
    }
  `,
  [SyncStateFindings, PipelineState, HealthFiguresState],
);

export default async function ConsoleHealthPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.health);
    const { syncState } = (await query({ query: healthQuery })).data;
    return (
      <>
        <RefreshEveryMinute />
        <HealthPage
          verdict={<SyncState state={syncState} />}
          pipeline={<Pipeline state={syncState} />}
          figures={<HealthFigures state={syncState} />}
        />
      </>
    );
  });
  return <ConsolePage {...drawing} />;
}
