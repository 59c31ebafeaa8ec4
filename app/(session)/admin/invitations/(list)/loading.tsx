import { InvitationKinds } from "@/components/console/invitation-kinds";
import { InvitationsTableSkeleton } from "@/components/console/invitations-table";
import { ListPage } from "@/components/console/list-page";
import { ListToolsSkeleton } from "@/components/console/list-tools-skeleton";
import { Loading } from "@/components/ui/skeleton";

export default function InvitationsLoading() {
  return (
    <Loading what="invitations">
      <ListPage
        title="Invitations"
        count={null}
        tools={
          <>
            <InvitationKinds current="organizations" />
            <ListToolsSkeleton searchLabel="Search by e-mail address" isExported />
          </>
        }
      >
        <InvitationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
