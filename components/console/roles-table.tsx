import { EmptyState } from "@/components/ui/empty-state";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { roleName } from "@/lib/format";
import { TextCell } from "./cells";

export const RoleRow = graphql(`
  fragment RoleRow on InstanceRole {
    id
    key
    name
    description
    permissions
  }
`);

const columns: Column<ResultOf<typeof RoleRow>>[] = [
  {
    header: "Role",
    width: "w-40",
    cell: ({ key, name }) => <TextCell text={roleName(key, name)} />,
  },
  {
    header: "Key",
    width: "w-36",
    isWideOnly: true,
    cell: ({ key }) => <span className="font-mono text-xs">{key}</span>,
  },
  {
    header: "Description",
    width: "w-48",
    isWideOnly: true,
    cell: ({ description }) => <TextCell text={description} />,
  },
  {
    header: "Permissions",
    width: "w-96",
    cell: ({ permissions }) => (
      <span className="block py-1.5 font-mono text-xs wrap-anywhere">
        {permissions.join(", ") || "None"}
      </span>
    ),
  },
];

/** A table of the instance's roles with their permissions. Roles are the same in every organization. */
export function RolesTable(props: { roles: FragmentOf<typeof RoleRow>[] }) {
  const rows = readFragment(RoleRow, props.roles);
  if (rows.length === 0)
    return (
      <EmptyState>No role is mirrored yet. A reconciliation reads them from Clerk.</EmptyState>
    );
  return <Table caption="Roles" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
