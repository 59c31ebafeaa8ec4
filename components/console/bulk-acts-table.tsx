import { Badge, type Tone } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { BulkActFields } from "./bulk-fields";
import { TextCell } from "./cells";
import { Named } from "./invitations-table";

type Bulk = ResultOf<typeof BulkActFields>;

const states: Record<Bulk["state"], { word: string; tone: Tone }> = {
  RUNNING: { word: "Running", tone: "wait" },
  PAUSED: { word: "Paused", tone: "warn" },
  STOPPED: { word: "Stopped", tone: "neutral" },
  DONE: { word: "Done", tone: "good" },
};

export function BulkStateBadge({ state }: { state: Bulk["state"] }) {
  return <Badge tone={states[state].tone}>{states[state].word}</Badge>;
}

/** "8 done, 1 skipped, 1 refused". */
export function resultsOf({ done, skipped, refused, pending, state }: Bulk): string {
  const isOpen = state === "RUNNING" || state === "PAUSED";
  return [
    `${formatCount(done)} done`,
    skipped > 0 && `${formatCount(skipped)} skipped`,
    refused > 0 && `${formatCount(refused)} refused`,
    pending > 0 && `${formatCount(pending)} ${isOpen ? "to go" : "not done"}`,
  ]
    .filter(Boolean)
    .join(", ");
}

const columns: Column<Bulk>[] = [
  {
    header: "Act",
    width: "w-56",
    cell: (bulk) => (
      <>
        <Link href={paths.bulkAct(bulk.id)} className="text-ink hover:underline">
          {bulk.label}: {formatCount(bulk.all)} {bulk.objectKind}
          {bulk.all === 1 ? "" : "s"}
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
