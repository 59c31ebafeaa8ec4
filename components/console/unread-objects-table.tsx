import { Badge } from "@/components/ui/badge";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { TextCell } from "./cells";

export const UnreadObjectRow = graphql(`
  fragment UnreadObjectRow on UnreadObject {
    id
    table
    isPartial
    paths
  }
`);

const columns: Column<ResultOf<typeof UnreadObjectRow>>[] = [
  {
    header: "Object",
    width: "w-44",
    cell: ({ id, paths }) => (
      <>
        <IdChip id={id} />
        <span className="block truncate text-xs text-ink-faint md:hidden" title={paths.join(", ")}>
          Not read: {paths.join(", ")}
        </span>
      </>
    ),
  },
  { header: "Kind", width: "w-32", isWideOnly: true, cell: ({ table }) => table },
  {
    header: "Mirrored",
    width: "w-28",
    cell: ({ isPartial }) =>
      isPartial ? <Badge tone="warn">In part</Badge> : <Badge tone="bad">No</Badge>,
  },
  {
    header: "Attributes not read",
    width: "w-80",
    isWideOnly: true,
    cell: ({ paths }) => <TextCell text={paths.join(", ")} />,
  },
];

export function UnreadObjectsTable(props: { objects: FragmentOf<typeof UnreadObjectRow>[] }) {
  const rows = readFragment(UnreadObjectRow, props.objects);
  return (
    <Table
      caption="Not read at Clerk"
      columns={columns}
      rows={rows}
      keyOf={({ table, id }) => `${table} ${id}`}
    />
  );
}
