import { Badge, type Tone } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount, formatDuration } from "@/lib/format";
import { paths } from "@/lib/paths";
import { TextCell } from "./cells";

export const ReconciliationRow = graphql(`
  fragment ReconciliationRow on Reconciliation {
    id
    mode
    trigger
    status
    startedAt
    endedAt
    note
    tallies {
      table
      read
      missing
      stale
      different
      extra
      repaired
    }
  }
`);

type Row = ResultOf<typeof ReconciliationRow>;
type Tally = Row["tallies"][number];

const statuses = new Map<string, { word: string; tone: Tone }>([
  ["running", { word: "Running", tone: "wait" }],
  ["paused", { word: "Paused", tone: "warn" }],
  ["done", { word: "Done", tone: "plain" }],
  ["failed", { word: "Failed", tone: "bad" }],
]);

export function RunStatusBadge({ status }: { status: string }) {
  const { word, tone } = statuses.get(status) ?? { word: status, tone: "plain" };
  return <Badge tone={tone}>{word}</Badge>;
}

const triggers: Record<string, string> = {
  command: "By a command",
  schedule: "On schedule",
  console: "From the console",
};

export const triggerText = (trigger: string) => triggers[trigger] ?? trigger;
export const modeText = (mode: string) => (mode === "dry-run" ? "Dry run" : "Repair");

const sum = ({ tallies }: Row, of: (tally: Tally) => number) =>
  tallies.reduce((total, tally) => total + of(tally), 0);
const differences = ({ missing, stale, different, extra }: Tally) =>
  missing + stale + different + extra;

const count = (header: string, of: (tally: Tally) => number): Column<Row> => ({
  ...{ header, width: "w-24", isRightAligned: true, isWideOnly: true },
  cell: (row) => formatCount(sum(row, of)),
});

const columns: Column<Row>[] = [
  {
    header: "Started",
    width: "w-36",
    cell: ({ id, startedAt }) => (
      <Link href={paths.reconciliation(id)} className="rounded-control text-ink hover:underline">
        <Time value={startedAt} />
      </Link>
    ),
  },
  { header: "Status", width: "w-24", cell: ({ status }) => <RunStatusBadge status={status} /> },
  { header: "Mode", width: "w-24", isWideOnly: true, cell: ({ mode }) => modeText(mode) },
  {
    header: "Started by",
    width: "w-36",
    isWideOnly: true,
    cell: ({ trigger }) => triggerText(trigger),
  },
  {
    header: "Took",
    width: "w-20",
    isRightAligned: true,
    isWideOnly: true,
    cell: ({ startedAt, endedAt }) =>
      endedAt && formatDuration(Date.parse(endedAt) - Date.parse(startedAt)),
  },
  count("Compared", ({ read }) => read),
  count("Differences", differences),
  count("Repaired", ({ repaired }) => repaired),
  {
    header: "Note",
    width: "w-48",
    isWideOnly: true,
    cell: ({ note }) => note && <TextCell text={note} />,
  },
];

const caption = "Reconciliations";

export function ReconciliationsTable(props: { runs: FragmentOf<typeof ReconciliationRow>[] }) {
  const rows = readFragment(ReconciliationRow, props.runs);
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function ReconciliationsSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={3} />;
}
