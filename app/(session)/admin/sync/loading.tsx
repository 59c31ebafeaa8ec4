import { HealthFiguresSkeleton } from "@/components/console/health-figures";
import { SyncPage } from "@/components/console/health-page";
import { PipelineSkeleton } from "@/components/console/pipeline";
import { ReconciliationsSkeleton } from "@/components/console/reconciliations-table";
import { Section } from "@/components/console/section";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function SyncLoading() {
  return (
    <Loading what="sync">
      <SyncPage
        verdict={<Skeleton className="my-1 h-4 w-56" />}
        pipeline={<PipelineSkeleton />}
        plots={
          <div className="grid gap-4 lg:grid-cols-2">
            <Skeleton className="h-[13.125rem]" />
            <Skeleton className="h-[13.125rem]" />
          </div>
        }
        runs={
          <Section title="Reconciliations">
            <ReconciliationsSkeleton />
          </Section>
        }
        figures={<HealthFiguresSkeleton />}
      />
    </Loading>
  );
}
