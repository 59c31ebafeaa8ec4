import { ListPage } from "@/components/console/list-page";
import { UsersTableSkeleton } from "@/components/console/users-table";
import { Loading } from "@/components/ui/skeleton";

export default function UsersLoading() {
  return (
    <Loading what="people">
      <ListPage title="People" count={null} search={{ label: "Search people", words: "" }}>
        <UsersTableSkeleton />
      </ListPage>
    </Loading>
  );
}
