import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { NameCell } from "./name-cell";
import { RoleBadge, UserStateBadge, userState } from "./state-badges";

export const MemberRow = graphql(`
  fragment MemberRow on Membership {
    id
    role
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

const columns: Column[] = [
  { name: "Name" },
  { name: "Email", isWideOnly: true },
  { name: "Role" },
  { name: "State", isWideOnly: true },
  { name: "Joined", isWideOnly: true },
  { name: "Membership id", isWideOnly: true },
];

export function MembersTable({ memberships }: { memberships: FragmentOf<typeof MemberRow>[] }) {
  return (
    <Table caption={caption} columns={columns}>
      {memberships.map((masked) => {
        const { id, role, createdAt, user } = readFragment(MemberRow, masked);
        return (
          <TableRow
            key={id}
            columns={columns}
            cells={[
              <NameCell
                key="name"
                name={user.name}
                imageUrl={user.imageUrl}
                href={paths.user(user.id)}
                note={user.email}
              />,
              user.email ? (
                <span key="email" className="block max-w-60 truncate" title={user.email}>
                  {user.email}
                </span>
              ) : (
                <Unknown key="email" />
              ),
              <RoleBadge key="role" role={role} />,
              <UserStateBadge key="state" state={userState(user)} />,
              createdAt ? <Time key="joined" value={createdAt} /> : <Unknown key="joined" />,
              <IdChip key="id" id={id} />,
            ]}
          />
        );
      })}
    </Table>
  );
}

export function MembersTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rows={6} />;
}
