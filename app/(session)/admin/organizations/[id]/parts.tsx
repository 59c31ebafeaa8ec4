/** The tabs of an organization's page that list what belongs to the organization. */
import { ConsolePage } from "@/components/console/console-page";
import { DomainRow, DomainsTable } from "@/components/console/domains-table";
import { InvitationRow, InvitationsTable } from "@/components/console/invitations-table";
import { hrefOf } from "@/components/console/list-href";
import { Metadata } from "@/components/console/metadata";
import { RoleRow, RolesTable } from "@/components/console/roles-table";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

/** How many of the newest invitations the tab shows; a link leads to the list of all. */
const NEWEST = 50;

const invitationsQuery = graphql(
  `
    query OrganizationInvitations($id: ID!, $newest: Int!) {
      invitations(organizationId: $id, first: $newest) {
        totalCount
        edges {
          node {
            id
            ...InvitationRow
          }
        }
      }
    }
  `,
  [InvitationRow],
);

export async function InvitationsPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({
      query: invitationsQuery,
      variables: { id, newest: NEWEST },
    });
    const { totalCount, edges } = data.invitations;
    return (
      <Section
        title="Invitations"
        count={totalCount}
        action={
          totalCount > 0 && (
            <Link
              href={hrefOf(paths.invitations, { organization: id })}
              className="text-sm text-accent hover:underline"
            >
              All invitations
            </Link>
          )
        }
      >
        {totalCount > 0 ? (
          <InvitationsTable invitations={edges.map(({ node }) => node)} isOfOne hasActs />
        ) : (
          <EmptyState>This organization has no invitations.</EmptyState>
        )}
      </Section>
    );
  });
  return <ConsolePage {...drawing} />;
}

const domainsQuery = graphql(
  `
    query OrganizationDomains($id: ID!) {
      organization(id: $id) {
        id
        domains {
          id
          ...DomainRow
        }
      }
    }
  `,
  [DomainRow],
);

export async function DomainsPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: domainsQuery, variables: { id } });
    return <DomainsTable domains={data.organization?.domains ?? []} />;
  });
  return <ConsolePage {...drawing} />;
}

const rolesQuery = graphql(
  `
    query InstanceRoles {
      instanceRoles {
        id
        ...RoleRow
      }
    }
  `,
  [RoleRow],
);

export async function RolesPart() {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: rolesQuery });
    return <RolesTable roles={data.instanceRoles} />;
  });
  return <ConsolePage {...drawing} />;
}

export function MetadataPart({ publicMetadata }: { publicMetadata: unknown }) {
  return <Metadata parts={[{ title: "Public", value: publicMetadata }]} />;
}
