import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { NameCell } from "./name-cell";
import { RoleBadge } from "./state-badges";

/** Where one person belongs: the other side of the members' table. */
export const MembershipRow = graphql(`
  fragment MembershipRow on Membership {
    id
    role
    createdAt
    organization {
      id
      name
      slug
      imageUrl
    }
  }
`);

const columns: Column[] = [
  { name: "Organization" },
  { name: "Role" },
  { name: "Joined", isWideOnly: true },
  { name: "Membership id", isWideOnly: true },
];

export function MembershipsTable({
  memberships,
}: {
  memberships: FragmentOf<typeof MembershipRow>[];
}) {
  return (
    <Table caption="Organizations" columns={columns}>
      {memberships.map((masked) => {
        const { id, role, createdAt, organization } = readFragment(MembershipRow, masked);
        return (
          <TableRow
            key={id}
            columns={columns}
            cells={[
              <NameCell
                key="name"
                name={organization.name}
                imageUrl={organization.imageUrl}
                href={paths.organization(organization.id)}
                shape="organization"
                note={organization.slug}
              />,
              <RoleBadge key="role" role={role} />,
              createdAt ? <Time key="joined" value={createdAt} /> : <Unknown key="joined" />,
              <IdChip key="id" id={id} />,
            ]}
          />
        );
      })}
    </Table>
  );
}
