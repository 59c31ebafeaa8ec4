import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { OrganizationsTableSkeleton } from "@/components/console/organizations-table";
import { Loading } from "@/components/ui/skeleton";

export default function OrganizationsLoading() {
  return (
    <Loading what="organizations">
      <ListPage
        title="Organizations"
        count={null}
        tools={<ListToolsSkeleton searchLabel="Search organizations" isExported />}
      >
        <OrganizationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
