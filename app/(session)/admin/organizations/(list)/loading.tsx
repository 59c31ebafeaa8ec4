import { ListPage } from "@/components/console/list-page";
import { OrganizationsTableSkeleton } from "@/components/console/organizations-table";
import { Loading } from "@/components/ui/skeleton";

export default function OrganizationsLoading() {
  return (
    <Loading what="organizations">
      <ListPage
        title="Organizations"
        count={null}
        search={{ label: "Search organizations", words: "" }}
      >
        <OrganizationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
