import { HealthFiguresSkeleton } from "@/components/console/health-figures";
import { HealthPage } from "@/components/console/health-page";
import { PipelineSkeleton } from "@/components/console/pipeline";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function HealthLoading() {
  return (
    <Loading what="health">
      <HealthPage
        verdict={<Skeleton className="my-1 h-4 w-56" />}
        pipeline={<PipelineSkeleton />}
        figures={<HealthFiguresSkeleton />}
      />
    </Loading>
  );
}
