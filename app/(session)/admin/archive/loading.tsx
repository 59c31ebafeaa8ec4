import { ArchiveTableSkeleton } from "@/components/console/archive-table";
import { ListPage } from "@/components/console/list-page";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function ArchiveLoading() {
  return (
    <Loading what="the archive">
      <ListPage title="Archive" count={null} tools={<Skeleton className="h-4 w-96 max-w-full" />}>
        <Skeleton className="h-40 w-full" />
        <ArchiveTableSkeleton />
      </ListPage>
    </Loading>
  );
}
