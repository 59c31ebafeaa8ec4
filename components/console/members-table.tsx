import { IdChip } from "@/components/ui/id-chip";
import {
  type Column,
  type Sorting,
  Table,
  type TableLayout,
  TableSkeleton,
} from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { ActMenu } from "./act-menu";
import { TextCell, TimeCell } from "./cells";
import { NameCell, NameCellSkeleton } from "./name-cell";
import { RoleBadge, UserStateBadge, userState } from "./state-badges";

export const MemberRow = graphql(`
  fragment MemberRow on Membership {
    id
    role
    roleName
    createdAt
    user {
      id
      name
      email
      imageUrl
      isBanned
      isLocked
    }
  }
`);

const caption = "Members";

type Row = ResultOf<typeof MemberRow>;

const columns: Column<Row>[] = [
  {
    header: "Name",
    width: "w-48 md:w-64",
    skeleton: <NameCellSkeleton />,
    cell: ({ user: { id, name, email, imageUrl } }) => (
      <NameCell name={name} imageUrl={imageUrl} href={paths.user(id)} note={email} />
    ),
  },
  {
    header: "Email",
    width: "w-56",
    isWideOnly: true,
    cell: ({ user }) => <TextCell text={user.email} />,
  },
  {
    header: "Role",
    width: "w-32",
    cell: ({ role, roleName }) => <RoleBadge role={role} name={roleName} />,
  },
  {
    header: "State",
    width: "w-24",
    isWideOnly: true,
    cell: ({ user }) => <UserStateBadge state={userState(user)} />,
  },
  {
    header: "Joined",
    sort: "JOINED_AT",
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

/** The roles that a member can be given: key and name. */
type Roles = { key: string; name: string }[];

const actions = (roles: Roles): Column<Row> => ({
  header: "Actions",
  width: "w-28",
  isRightAligned: true,
  cell: ({ id, role, user }) => (
    <ActMenu
      kind="MEMBERSHIP"
      id={id}
      variant="quiet"
      accessibleLabel={`Actions for ${user.name}`}
      prefill={{ role: role ?? "", roles }}
    />
  ),
});

export function MembersTable(props: {
  memberships: FragmentOf<typeof MemberRow>[];
  sorting?: Sorting;
  roles: Roles;
  layout?: TableLayout;
}) {
  const rows = readFragment(MemberRow, props.memberships);
  const { sorting, layout, roles } = props;
  return (
    <Table
      caption={caption}
      columns={[...columns, actions(roles)]}
      rows={rows}
      keyOf={({ id }) => id}
      nameOf={({ user }) => user.name}
      sorting={sorting}
      layout={layout}
    />
  );
}

export function MembersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={[...columns, actions([])]} rowCount={6} />;
}
