import { ListPage } from "@/components/console/list-page";
import { PeopleTableSkeleton } from "@/components/console/people-table";
import { Loading } from "@/components/ui/skeleton";

export default function PeopleLoading() {
  return (
    <Loading what="people">
      <ListPage title="People" count={null} search={{ label: "Search people", words: "" }}>
        <PeopleTableSkeleton />
      </ListPage>
    </Loading>
  );
}
