import { Badge } from "@/components/ui/badge";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { deletionReasons } from "./archive-words";
import { TimeCell } from "./cells";
import { UndoErasure } from "./undo-erasure";

export const ErasureRow = graphql(`
  fragment ErasureRow on Erasure {
    id
    kind
    subjectId
    step
    reason
    deletedAt
    nextAt
    erasedAt
    isPaused
    receipt
  }
`);

type Row = ResultOf<typeof ErasureRow>;

/** The text for each step of an erasure. */
const steps: Record<string, string> = {
  held: "Held back",
  rows: "Erasing rows",
  effects: "Waiting for handlers",
  sweep: "Erasing late writes",
  receipt: "Writing the receipt",
  done: "Erased",
  undone: "Undone",
};

function State({ step, isPaused }: Row) {
  const tone = step === "held" ? "warn" : step === "done" ? "good" : "plain";
  return <Badge tone={tone}>{isPaused ? "Paused" : (steps[step] ?? step)}</Badge>;
}

const common: Column<Row>[] = [
  { header: "Id", width: "w-36", cell: ({ subjectId }) => <IdChip id={subjectId} /> },
  { header: "State", width: "w-36", cell: (row) => <State {...row} /> },
  {
    header: "Deleted",
    width: "w-28",
    isWideOnly: true,
    cell: ({ deletedAt }) => <TimeCell value={deletedAt} />,
  },
  {
    header: "Reason",
    width: "w-40",
    isWideOnly: true,
    cell: ({ reason }) => deletionReasons[reason] ?? reason,
  },
];

const underWay: Column<Row>[] = [
  ...common,
  {
    header: "Next step",
    width: "w-28",
    isWideOnly: true,
    cell: ({ nextAt }) => <TimeCell value={nextAt} />,
  },
  {
    header: "Undo",
    width: "w-24",
    cell: ({ step, subjectId }) => (step === "held" ? <UndoErasure id={subjectId} /> : null),
  },
];

const ended: Column<Row>[] = [
  ...common,
  {
    header: "Erased",
    width: "w-28",
    isWideOnly: true,
    cell: ({ erasedAt }) => <TimeCell value={erasedAt} />,
  },
  { header: "Receipt", width: "w-20", cell: ({ receipt }) => receipt ?? "None" },
];

type ErasuresTableProps = { caption: string; erasures: FragmentOf<typeof ErasureRow>[] };

export function ErasuresUnderWay({ caption, erasures }: ErasuresTableProps) {
  const rows = readFragment(ErasureRow, erasures);
  return <Table caption={caption} columns={underWay} rows={rows} keyOf={({ id }) => id} />;
}

export function EndedErasures({ caption, erasures }: ErasuresTableProps) {
  const rows = readFragment(ErasureRow, erasures);
  return <Table caption={caption} columns={ended} rows={rows} keyOf={({ id }) => id} />;
}

export function ErasuresTableSkeleton() {
  return <TableSkeleton caption="Erasures" columns={ended} rowCount={8} />;
}
