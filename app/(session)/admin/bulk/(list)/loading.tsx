import { BulkActsTableSkeleton } from "@/components/console/bulk-acts-table";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function BulkActsLoading() {
  return (
    <Loading what="bulk acts">
      <div className="flex flex-col gap-4">
        <h1 className="text-lg">Bulk acts</h1>
        <Skeleton className="h-4 w-96 max-w-full" />
        <BulkActsTableSkeleton />
      </div>
    </Loading>
  );
}
