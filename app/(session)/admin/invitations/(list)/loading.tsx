import { InvitationKinds } from "@/components/console/invitation-kinds";
import { InvitationsTableSkeleton } from "@/components/console/invitations-table";
import { ListPage } from "@/components/console/list-page";
import { SearchField } from "@/components/ui/search-field";
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
            <SearchField label="Search by e-mail address" value="" />
          </>
        }
      >
        <InvitationsTableSkeleton />
      </ListPage>
    </Loading>
  );
}
