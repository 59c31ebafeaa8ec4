import { AuditTableSkeleton } from "@/components/console/audit-table";
import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { Loading } from "@/components/ui/skeleton";

export default function AuditLoading() {
  return (
    <Loading what="the audit log">
      <ListPage
        title="Audit"
        count={null}
        tools={<ListToolsSkeleton searchLabel="Search by id or action" isExported />}
      >
        <AuditTableSkeleton />
      </ListPage>
    </Loading>
  );
}
