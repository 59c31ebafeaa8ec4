import { EmptyState } from "@/components/ui/empty-state";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { Named } from "./invitations-table";
import { RoleBadge } from "./state-badges";

export const PastMembershipRow = graphql(`
  fragment PastMembershipRow on MembershipAsOf {
    id
    userId
    organizationId
    otherName
    role
  }
`);

type Row = ResultOf<typeof PastMembershipRow>;

const columns = (kind: "person" | "organization"): Column<Row>[] => [
  {
    header: kind === "person" ? "Name" : "Organization",
    width: "w-48 md:w-64",
    cell: ({ userId, organizationId, otherName }) =>
      kind === "person" ? (
        <Named id={userId} name={otherName} href={paths.user} />
      ) : (
        <Named id={organizationId} name={otherName} href={paths.organization} />
      ),
  },
  { header: "Role", width: "w-32", cell: ({ role }) => <RoleBadge role={role} name={null} /> },
  {
    header: "Membership id",
    width: "w-44",
    isWideOnly: true,
    cell: ({ id }) => <IdChip id={id} />,
  },
];

/** The members of an organization, or the organizations of a person, at a time in the past. The names are those of today. */
export function PastMemberships(props: {
  /** What the other side of the memberships is. */
  kind: "person" | "organization";
  memberships: FragmentOf<typeof PastMembershipRow>[];
}) {
  const { kind, memberships } = props;
  if (memberships.length === 0) return <EmptyState>None at that time.</EmptyState>;
  return (
    <Table
      caption={kind === "person" ? "Members" : "Organizations"}
      columns={columns(kind)}
      rows={readFragment(PastMembershipRow, memberships)}
      keyOf={({ id }) => id}
    />
  );
}
