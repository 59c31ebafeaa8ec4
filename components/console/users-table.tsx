import { IdChip } from "@/components/ui/id-chip";
import { type Column, type Sorting, Table, TableSkeleton } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { TextCell, TimeCell } from "./cells";
import { NameCell, NameCellSkeleton } from "./name-cell";
import { PlatformAdminBadge, UserStateBadge, userState } from "./state-badges";

export const UserRow = graphql(`
  fragment UserRow on User {
    id
    name
    email
    imageUrl
    isAdmin
    isBanned
    isLocked
    isDeleted
    createdAt
    lastActiveAt
    lastSignInAt
  }
`);

const caption = "People";

const columns: Column<ResultOf<typeof UserRow>>[] = [
  {
    header: "Name",
    sort: "NAME",
    width: "w-48 md:w-64",
    skeleton: <NameCellSkeleton />,
    cell: ({ id, name, email, imageUrl, isAdmin, isDeleted }) => (
      <NameCell
        name={name}
        imageUrl={imageUrl}
        href={isDeleted ? null : paths.user(id)}
        note={email}
      >
        {isAdmin && <PlatformAdminBadge />}
      </NameCell>
    ),
  },
  {
    header: "Email",
    sort: "EMAIL",
    width: "w-56",
    isWideOnly: true,
    cell: ({ email }) => <TextCell text={email} />,
  },
  { header: "State", width: "w-24", cell: (user) => <UserStateBadge state={userState(user)} /> },
  {
    header: "Last active",
    sort: "LAST_ACTIVE_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ lastActiveAt }) => <TimeCell value={lastActiveAt} />,
  },
  {
    header: "Last sign-in",
    sort: "LAST_SIGN_IN_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ lastSignInAt, isDeleted }) =>
      lastSignInAt || isDeleted ? <TimeCell value={lastSignInAt} /> : "Never",
  },
  {
    header: "Created",
    sort: "CREATED_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  { header: "Id", width: "w-44", isWideOnly: true, cell: ({ id }) => <IdChip id={id} /> },
];

export function UsersTable(props: { users: FragmentOf<typeof UserRow>[]; sorting?: Sorting }) {
  const rows = readFragment(UserRow, props.users);
  const { sorting } = props;
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      sorting={sorting}
    />
  );
}

export function UsersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} />;
}
