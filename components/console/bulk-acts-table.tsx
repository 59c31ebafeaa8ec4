import { Link } from "@/components/ui/link";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { BulkActFields } from "./bulk-fields";
import { BulkStateBadge, bulkTitle, resultsOf } from "./bulk-state";
import { TextCell } from "./cells";
import { Named } from "./invitations-table";

type Bulk = ResultOf<typeof BulkActFields>;

const columns: Column<Bulk>[] = [
  {
    header: "Act",
    width: "w-56",
    cell: (bulk) => (
      <>
        <Link href={paths.bulkAct(bulk.id)} className="text-ink hover:underline">
          {bulkTitle(bulk)}
        </Link>
        <span className="block truncate text-xs text-ink-faint md:hidden">{resultsOf(bulk)}</span>
      </>
    ),
  },
  { header: "State", width: "w-24", cell: ({ state }) => <BulkStateBadge state={state} /> },
  {
    header: "Result",
    width: "w-56",
    isWideOnly: true,
    cell: (bulk) => <TextCell text={resultsOf(bulk)} />,
  },
  {
    header: "By",
    width: "w-40",
    isWideOnly: true,
    cell: ({ actorId, actorName }) => <Named id={actorId} name={actorName} href={paths.user} />,
  },
  {
    header: "Reason",
    width: "w-48",
    isWideOnly: true,
    cell: ({ reason }) => <TextCell text={reason} />,
  },
  { header: "Started", width: "w-28", cell: ({ requestedAt }) => <Time value={requestedAt} /> },
];

const caption = "Bulk acts";

export function BulkActsTable(props: { bulkActs: FragmentOf<typeof BulkActFields>[] }) {
  const rows = readFragment(BulkActFields, props.bulkActs);
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function BulkActsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={8} />;
}
