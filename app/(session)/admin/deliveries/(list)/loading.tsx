import { DeliveriesTableSkeleton } from "@/components/console/deliveries-table";
import { DeliveryKinds } from "@/components/console/delivery-kinds";
import { ListPage } from "@/components/console/list-page";
import { SearchField } from "@/components/ui/search-field";
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
            <SearchField label="Search by id" value="" />
          </>
        }
      >
        <Skeleton className="h-[13.125rem]" />
        <DeliveriesTableSkeleton />
      </ListPage>
    </Loading>
  );
}
