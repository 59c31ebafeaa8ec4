import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { NameCell } from "./name-cell";
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

const columns: Column[] = [
  { name: "Name" },
  { name: "Email", isWideOnly: true },
  { name: "State" },
  { name: "Last sign-in", isWideOnly: true },
  { name: "Created", isWideOnly: true },
  { name: "Id", isWideOnly: true },
];

export function UsersTable({ people }: { people: FragmentOf<typeof UserRow>[] }) {
  return (
    <Table caption={caption} columns={columns}>
      {people.map((masked) => {
        const person = readFragment(UserRow, masked);
        const { id, name, email, imageUrl, isAdmin, createdAt, lastSignInAt } = person;
        return (
          <TableRow
            key={id}
            columns={columns}
            cells={[
              <NameCell
                key="name"
                name={name}
                imageUrl={imageUrl}
                href={paths.user(id)}
                note={email}
              >
                {isAdmin && <PlatformAdminBadge />}
              </NameCell>,
              email ? (
                <span key="email" className="block max-w-60 truncate" title={email}>
                  {email}
                </span>
              ) : (
                <Unknown key="email" />
              ),
              <UserStateBadge key="state" state={userState(person)} />,
              lastSignInAt ? <Time key="last" value={lastSignInAt} /> : "Never",
              createdAt ? <Time key="created" value={createdAt} /> : <Unknown key="created" />,
              <IdChip key="id" id={id} />,
            ]}
          />
        );
      })}
    </Table>
  );
}

export function UsersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rows={12} />;
}
