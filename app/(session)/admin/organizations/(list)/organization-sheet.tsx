import { ConsolePage } from "@/components/console/console-page";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import { SheetFacts, SideSheet } from "@/components/ui/side-sheet";
import { Time } from "@/components/ui/time";
import { graphql } from "@/lib/document";
import { memberCount, roleName } from "@/lib/format";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { OpenInClerk } from "../../open-in-clerk";

const organizationSheetQuery = graphql(`
  query OrganizationSheet($id: ID!) {
    organization(id: $id) {
      id
      name
      slug
      membersCount
      maxAllowedMemberships
      createdAt
      updatedAt
      members(first: 5) {
        edges {
          node {
            id
            role
            roleName
            user {
              id
              name
            }
          }
        }
      }
    }
  }
`);

/** Shows one organization in the side sheet of the list. */
export async function OrganizationSheet({ id, closeHref }: { id: string; closeHref: string }) {
  const drawing = await drawOrReport(async () => {
    const { organization } = (await query({ query: organizationSheetQuery, variables: { id } }))
      .data;
    if (!organization) {
      return (
        <SideSheet rowId={id} title="No organization with this id" closeHref={closeHref}>
          <EmptyState>The organization is deleted, or has never been in the mirror.</EmptyState>
        </SideSheet>
      );
    }
    const { membersCount, maxAllowedMemberships, members } = organization;
    const time = (value: string | null) => (value ? <Time value={value} /> : <Unknown />);
    return (
      <SideSheet rowId={id} title={organization.name} closeHref={closeHref}>
        <div className="flex justify-end gap-2">
          <OpenInClerk path={`organizations/${organization.id}`} />
          <ButtonLink href={paths.organization(organization.id)}>Open the page</ButtonLink>
        </div>
        <SheetFacts>
          <Fact name="Id">
            <IdChip id={organization.id} isWhole />
          </Fact>
          <Fact name="Slug">{organization.slug}</Fact>
          <Fact name="Members">{memberCount(membersCount, maxAllowedMemberships)}</Fact>
          <Fact name="Last changed">{time(organization.updatedAt)}</Fact>
          <Fact name="Created">{time(organization.createdAt)}</Fact>
        </SheetFacts>
        {members.edges.length > 0 && (
          <section aria-label="Newest members" className="flex flex-col gap-2">
            <h3 className="text-sm">Newest members</h3>
            <ul className="flex flex-col gap-1">
              {members.edges.map(({ node: { id, user, role, roleName: name } }) => (
                <li key={id} className="flex justify-between gap-3">
                  <Link
                    href={paths.user(user.id)}
                    dir="auto"
                    className="truncate rounded-control text-ink hover:underline"
                  >
                    {user.name}
                  </Link>
                  <span className="text-ink-faint">{roleName(role, name)}</span>
                </li>
              ))}
            </ul>
          </section>
        )}
      </SideSheet>
    );
  });
  return <ConsolePage {...drawing} />;
}
