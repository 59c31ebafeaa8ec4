import { Unknown } from "@/components/ui/facts";
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
import { TextCell, TimeCell } from "./cells";
import { NameCell, NameCellSkeleton } from "./name-cell";
import { PlatformAdminBadge, UserStateBadge, userState, VerifiedBadge } from "./state-badges";

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
    username
    phoneNumber
    externalId
    isEmailVerified
    twoFactorEnabled
    updatedAt
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
    width: "w-48 md:w-52",
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
    width: "w-52",
    isWideOnly: true,
    cell: ({ email }) => <TextCell text={email} />,
  },
  {
    header: "State",
    sort: "STATE",
    width: "w-22",
    cell: (user) => <UserStateBadge state={userState(user)} />,
  },
  {
    header: "Last active",
    sort: "LAST_ACTIVE_AT",
    width: "w-28",
    isWideOnly: true,
    cell: ({ lastActiveAt }) => <TimeCell value={lastActiveAt} />,
  },
  {
    header: "Last sign-in",
    sort: "LAST_SIGN_IN_AT",
    width: "w-28",
    isWideOnly: true,
    cell: ({ lastSignInAt, isDeleted }) =>
      lastSignInAt || isDeleted ? <TimeCell value={lastSignInAt} /> : "Never",
  },
  {
    header: "Created",
    sort: "CREATED_AT",
    width: "w-28",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  {
    header: "Id",
    sort: "ID",
    width: "w-36",
    isWideOnly: true,
    cell: ({ id }) => <IdChip id={id} />,
  },
  {
    header: "Username",
    sort: "USERNAME",
    width: "w-36",
    isOptional: true,
    isWideOnly: true,
    cell: ({ username }) => <TextCell text={username} />,
  },
  {
    header: "Phone",
    sort: "PHONE",
    width: "w-36",
    isOptional: true,
    isWideOnly: true,
    cell: ({ phoneNumber }) => <TextCell text={phoneNumber} />,
  },
  {
    header: "External id",
    sort: "EXTERNAL_ID",
    width: "w-36",
    isOptional: true,
    isWideOnly: true,
    cell: ({ externalId }) => <TextCell text={externalId} />,
  },
  {
    header: "Email verified",
    sort: "EMAIL_VERIFIED",
    width: "w-32",
    isOptional: true,
    isWideOnly: true,
    cell: ({ isEmailVerified, email }) =>
      email === null ? <Unknown /> : <VerifiedBadge isVerified={isEmailVerified ?? false} />,
  },
  {
    header: "Two-factor",
    sort: "TWO_FACTOR",
    width: "w-28",
    isOptional: true,
    isWideOnly: true,
    cell: ({ twoFactorEnabled }) => (twoFactorEnabled ? "On" : "Off"),
  },
  {
    header: "Last changed",
    sort: "UPDATED_AT",
    width: "w-28",
    isOptional: true,
    isWideOnly: true,
    cell: ({ updatedAt }) => <TimeCell value={updatedAt} />,
  },
];

export const userColumns = columnChoices(columns);

export function UsersTable(props: {
  users: FragmentOf<typeof UserRow>[];
  sorting?: Sorting;
  layout?: TableLayout;
}) {
  const rows = readFragment(UserRow, props.users);
  const { sorting, layout } = props;
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      sorting={sorting}
      layout={layout}
    />
  );
}

export function UsersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
