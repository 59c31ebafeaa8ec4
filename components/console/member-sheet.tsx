import type { ReactNode } from "react";
import { ButtonLink } from "@/components/ui/button-link";
import { Fact } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { type FragmentOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { TimeCell } from "./cells";
import { MemberRow } from "./members-table";
import { RoleBadge, UserStateBadge, userState } from "./state-badges";

/** A member of an organization in the side sheet of its members. */
export function MemberSheet(props: {
  member: FragmentOf<typeof MemberRow>;
  closeHref: string;
  /** The link to the user in Clerk's dashboard. */
  openInClerk: (userId: string) => ReactNode;
}) {
  const { id, role, roleName, createdAt, user } = readFragment(MemberRow, props.member);
  return (
    <SideSheet rowId={id} title={user.name} closeHref={props.closeHref}>
      <div className="flex flex-wrap items-center gap-2">
        <UserStateBadge state={userState(user)} />
        <RoleBadge role={role} name={roleName} />
        <span className="ml-auto flex gap-2">
          {props.openInClerk(user.id)}
          <ButtonLink href={paths.user(user.id)}>Open the page</ButtonLink>
        </span>
      </div>
      <SheetFacts>
        <Fact name="Email">{user.email}</Fact>
        <Fact name="Joined">
          <TimeCell value={createdAt} />
        </Fact>
        <Fact name="User id">
          <IdChip id={user.id} isWhole />
        </Fact>
        <Fact name="Membership id">
          <IdChip id={id} isWhole />
        </Fact>
      </SheetFacts>
    </SideSheet>
  );
}
