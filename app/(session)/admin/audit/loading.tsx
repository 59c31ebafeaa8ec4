import { AuditTableSkeleton } from "@/components/console/audit-table";
import { ListPage } from "@/components/console/list-page";
import { SearchField } from "@/components/ui/search-field";
import { Loading } from "@/components/ui/skeleton";

export default function AuditLoading() {
  return (
    <Loading what="the audit log">
      <ListPage
        title="Audit"
        count={null}
        tools={<SearchField label="Search by id or action" value="" />}
      >
        <AuditTableSkeleton />
      </ListPage>
    </Loading>
  );
}
