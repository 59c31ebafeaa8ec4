import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
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
    createdAt
    lastSignInAt
  }
`);

const caption = "People";

const columns: Column<ResultOf<typeof UserRow>>[] = [
  {
    header: "Name",
    width: "w-48 md:w-64",
    skeleton: <NameCellSkeleton />,
    cell: ({ id, name, email, imageUrl, isAdmin }) => (
      <NameCell name={name} imageUrl={imageUrl} href={paths.user(id)} note={email}>
        {isAdmin && <PlatformAdminBadge />}
      </NameCell>
    ),
  },
  {
    header: "Email",
    width: "w-56",
    isWideOnly: true,
    cell: ({ email }) => <TextCell text={email} />,
  },
  { header: "State", width: "w-24", cell: (user) => <UserStateBadge state={userState(user)} /> },
  {
    header: "Last sign-in",
    width: "w-36",
    isWideOnly: true,
    cell: ({ lastSignInAt }) => (lastSignInAt ? <Time value={lastSignInAt} /> : "Never"),
  },
  {
    header: "Created",
    width: "w-36",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  { header: "Id", width: "w-44", isWideOnly: true, cell: ({ id }) => <IdChip id={id} /> },
];

export function UsersTable({ users }: { users: FragmentOf<typeof UserRow>[] }) {
  const rows = readFragment(UserRow, users);
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function UsersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} />;
}
