import { DeliveriesTableSkeleton } from "@/components/console/deliveries-table";
import { DeliveryKinds } from "@/components/console/delivery-kinds";
import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { Loading, Skeleton } from "@/components/ui/skeleton";

export default function DeliveriesLoading() {
  return (
    <Loading what="deliveries">
      <ListPage
        title="Deliveries"
        count={null}
        tools={
          <>
            <DeliveryKinds current="log" />
            <ListToolsSkeleton searchLabel="Search by id" isExported={false} />
          </>
        }
      >
        <Skeleton className="h-[13.125rem]" />
        <DeliveriesTableSkeleton />
      </ListPage>
    </Loading>
  );
}
