import { IdChip } from "@/components/ui/id-chip";
import {
  type Column,
  columnChoices,
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
    sort: "NAME",
    width: "w-48 md:w-56",
    skeleton: <NameCellSkeleton />,
    cell: ({ user: { id, name, email, imageUrl } }) => (
      <NameCell name={name} imageUrl={imageUrl} href={paths.user(id)} note={email} />
    ),
  },
  {
    header: "Email",
    sort: "EMAIL",
    width: "w-52",
    isWideOnly: true,
    cell: ({ user }) => <TextCell text={user.email} />,
  },
  {
    header: "Role",
    sort: "ROLE",
    width: "w-32",
    cell: ({ role, roleName }) => <RoleBadge role={role} name={roleName} />,
  },
  {
    header: "State",
    sort: "STATE",
    width: "w-24",
    isWideOnly: true,
    cell: ({ user }) => <UserStateBadge state={userState(user)} />,
  },
  {
    header: "Joined",
    sort: "JOINED_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  {
    header: "Membership id",
    sort: "ID",
    width: "w-44",
    isOptional: true,
    isWideOnly: true,
    cell: ({ id }) => <IdChip id={id} />,
  },
];

export const memberColumns = columnChoices(columns);

/** The roles that a member can be given: key and name. */
type Roles = { key: string; name: string }[];

const actions = (roles: Roles): Column<Row> => ({
  header: "Actions",
  width: "w-28",
  isMenu: true,
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
  return (
    <TableSkeleton
      caption={caption}
      columns={[...columns, actions([])]}
      rowCount={6}
      isSelectable
    />
  );
}
