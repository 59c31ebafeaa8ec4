import type { ReactNode } from "react";
import { Fact } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { type FragmentOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { TimeCell } from "./cells";
import { InvitationRow, Named } from "./invitations-table";
import { InvitationStatusBadge, RoleBadge } from "./state-badges";

/** Shows one invitation in the side sheet of the list. */
export function InvitationSheet(props: {
  invitation: FragmentOf<typeof InvitationRow>;
  closeHref: string;
  /** The link to the organization in Clerk's dashboard, which lists its invitations. */
  openInClerk: (organizationId: string) => ReactNode;
}) {
  const invitation = readFragment(InvitationRow, props.invitation);
  const { id, email, role, roleName, status } = invitation;
  return (
    <SideSheet rowId={id} title={email ?? id} closeHref={props.closeHref}>
      {invitation.organizationId && (
        <div className="flex justify-end">{props.openInClerk(invitation.organizationId)}</div>
      )}
      <SheetFacts>
        <Fact name="Status">
          <InvitationStatusBadge status={status} />
        </Fact>
        <Fact name="Organization">
          <Named
            id={invitation.organizationId}
            name={invitation.organizationName}
            href={paths.organization}
          />
        </Fact>
        <Fact name="Role">
          <RoleBadge role={role} name={roleName} />
        </Fact>
        <Fact name="Invited by">
          <Named id={invitation.inviterId} name={invitation.inviterName} href={paths.user} />
        </Fact>
        <Fact name="Expires">
          <TimeCell value={invitation.expiresAt} />
        </Fact>
        <Fact name="Created">
          <TimeCell value={invitation.createdAt} />
        </Fact>
        <Fact name="Id">
          <IdChip id={id} isWhole />
        </Fact>
      </SheetFacts>
    </SideSheet>
  );
}
