import { ConsolePage } from "@/components/console/console-page";
import { PlatformAdminBadge, UserStateBadge, userState } from "@/components/console/state-badges";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { roleName } from "@/lib/format";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { OpenInClerk } from "../../open-in-clerk";

const userSheetQuery = graphql(`
  query UserSheet($id: ID!) {
    user(id: $id) {
      id
      name
      email
      username
      phoneNumber
      externalId
      isAdmin
      isBanned
      isLocked
      createdAt
      lastActiveAt
      lastSignInAt
      memberships {
        id
        role
        roleName
        organization {
          id
          name
        }
      }
    }
  }
`);

/** Shows one user in the side sheet of the list. */
export async function UserSheet({ id, closeHref }: { id: string; closeHref: string }) {
  const drawing = await drawOrReport(async () => {
    const { user } = (await query({ query: userSheetQuery, variables: { id } })).data;
    if (!user) {
      return (
        <SideSheet rowId={id} title="No user with this id" closeHref={closeHref}>
          <EmptyState>The user is deleted, or has never been in the mirror.</EmptyState>
        </SideSheet>
      );
    }
    const time = (value: string | null) => (value ? <Time value={value} /> : <Unknown />);
    return (
      <SideSheet rowId={id} title={user.name} closeHref={closeHref}>
        <div className="flex flex-wrap items-center gap-2">
          <UserStateBadge state={userState(user)} />
          {user.isAdmin && <PlatformAdminBadge />}
          <span className="ml-auto flex gap-2">
            <OpenInClerk path={`users/${user.id}`} />
            <ButtonLink href={paths.user(user.id)}>Open the page</ButtonLink>
          </span>
        </div>
        <SheetFacts>
          <Fact name="Id">
            <IdChip id={user.id} isWhole />
          </Fact>
          <Fact name="Email">{user.email}</Fact>
          <Fact name="Username">{user.username}</Fact>
          <Fact name="Phone">{user.phoneNumber}</Fact>
          <Fact name="External id">{user.externalId}</Fact>
          <Fact name="Last active">{time(user.lastActiveAt)}</Fact>
          <Fact name="Last sign-in">{time(user.lastSignInAt)}</Fact>
          <Fact name="Created">{time(user.createdAt)}</Fact>
        </SheetFacts>
        <section aria-label="Organizations" className="flex flex-col gap-2">
          <h3 className="text-sm">Organizations</h3>
          {user.memberships?.length ? (
            <ul className="flex flex-col gap-1">
              {user.memberships.map(({ id, role, roleName: name, organization }) => (
                <li key={id} className="flex justify-between gap-3">
                  <Link
                    href={paths.organization(organization.id)}
                    dir="auto"
                    className="truncate rounded-control text-ink hover:underline"
                  >
                    {organization.name}
                  </Link>
                  <span className="text-ink-faint">{roleName(role, name)}</span>
                </li>
              ))}
            </ul>
          ) : (
            <p className="text-ink-soft">No memberships.</p>
          )}
        </section>
      </SideSheet>
    );
  });
  return <ConsolePage {...drawing} />;
}
