import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { TimeCell } from "./cells";
import { NameCell } from "./name-cell";
import { RoleBadge } from "./state-badges";

export const MembershipRow = graphql(`
  fragment MembershipRow on Membership {
    id
    role
    roleName
    createdAt
    organization {
      id
      name
      slug
      imageUrl
    }
  }
`);

const columns: Column<ResultOf<typeof MembershipRow>>[] = [
  {
    header: "Organization",
    width: "w-48 md:w-64",
    cell: ({ organization: { id, name, slug, imageUrl } }) => (
      <NameCell
        name={name}
        imageUrl={imageUrl}
        href={paths.organization(id)}
        shape="organization"
        note={slug}
      />
    ),
  },
  {
    header: "Role",
    width: "w-32",
    cell: ({ role, roleName }) => <RoleBadge role={role} name={roleName} />,
  },
  {
    header: "Joined",
    width: "w-36",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  {
    header: "Membership id",
    width: "w-44",
    isWideOnly: true,
    cell: ({ id }) => <IdChip id={id} />,
  },
];

/** A table of the organizations of one user. `members-table.tsx` shows the members of one organization. */
export function MembershipsTable(props: { memberships: FragmentOf<typeof MembershipRow>[] }) {
  const rows = readFragment(MembershipRow, props.memberships);
  return <Table caption="Organizations" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
