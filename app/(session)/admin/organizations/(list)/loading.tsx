import { ListPage } from "@/components/console/list-page";
import { OrganizationsTableSkeleton } from "@/components/console/organizations-table";
import { SearchField } from "@/components/ui/search-field";
import { Loading } from "@/components/ui/skeleton";

export default function OrganizationsLoading() {
  return (
    <Loading what="organizations">
      <ListPage
        title="Organizations"
        count={null}
        tools={<SearchField label="Search organizations" value="" />}
      >
        <OrganizationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
