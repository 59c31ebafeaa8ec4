import { ErasuresTableSkeleton } from "@/components/console/erasures-table";
import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function ErasuresLoading() {
  return (
    <Loading what="erasures">
      <ListPage
        title="Erasures"
        count={null}
        tools={
          <>
            <Skeleton className="h-5 w-96 max-w-full" />
            <ListToolsSkeleton searchLabel="Search by id" isExported={false} />
          </>
        }
      >
        <Skeleton className="h-40 w-full" />
        <ErasuresTableSkeleton />
      </ListPage>
    </Loading>
  );
}
