import { ListPage } from "@/components/console/list-page";
import { UsersTableSkeleton } from "@/components/console/users-table";
import { SearchField } from "@/components/ui/search-field";
import { Loading } from "@/components/ui/skeleton";

export default function UsersLoading() {
  return (
    <Loading what="people">
      <ListPage title="People" count={null} tools={<SearchField label="Search people" value="" />}>
        <UsersTableSkeleton />
      </ListPage>
    </Loading>
  );
}
