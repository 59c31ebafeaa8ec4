import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { UsersTableSkeleton } from "@/components/console/users-table";
import { Loading } from "@/components/ui/skeleton";

export default function UsersLoading() {
  return (
    <Loading what="people">
      <ListPage
        title="People"
        count={null}
        tools={<ListToolsSkeleton searchLabel="Search people" isExported />}
      >
        <UsersTableSkeleton />
      </ListPage>
    </Loading>
  );
}
