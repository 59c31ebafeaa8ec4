import { AppInvitationsTableSkeleton } from "@/components/console/app-invitations-table";
import { InvitationKinds } from "@/components/console/invitation-kinds";
import { ListPage } from "@/components/console/list-page";
import { SearchField } from "@/components/ui/search-field";
import { Loading } from "@/components/ui/skeleton";

export default function AppInvitationsLoading() {
  return (
    <Loading what="invitations">
      <ListPage
        title="Invitations"
        count={null}
        tools={
          <>
            <InvitationKinds current="app" />
            <SearchField label="Search by e-mail address" value="" />
          </>
        }
      >
        <AppInvitationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
