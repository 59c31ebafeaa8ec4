import { Badge, type Tone } from "@/components/ui/badge";
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
import { formatCount } from "@/lib/format";
import { deletionReasons } from "./archive-words";
import { Named } from "./audit-table";
import { TimeCell } from "./cells";
import { UndoErasure } from "./undo-erasure";

export const ErasureRow = graphql(`
  fragment ErasureRow on Erasure {
    id
    kind
    subjectId
    step
    reason
    requestedBy
    requestedByName
    deletedAt
    nextAt
    erasedAt
    isPaused
    receipt
  }
`);

type Row = ResultOf<typeof ErasureRow>;

/** The word and the tone for each step of an erasure. */
const steps = new Map<string, { word: string; tone: Tone }>([
  ["held", { word: "Held back", tone: "warn" }],
  ["rows", { word: "Erasing rows", tone: "wait" }],
  ["effects", { word: "Waiting for handlers", tone: "wait" }],
  ["sweep", { word: "Erasing late writes", tone: "wait" }],
  ["receipt", { word: "Writing the receipt", tone: "wait" }],
  ["done", { word: "Erased", tone: "plain" }],
  ["undone", { word: "Undone", tone: "neutral" }],
]);

export function ErasureStateBadge({ step, isPaused }: Pick<Row, "step" | "isPaused">) {
  if (isPaused) return <Badge tone="bad">Paused</Badge>;
  const { word, tone } = steps.get(step) ?? { word: step, tone: "plain" };
  return <Badge tone={tone}>{word}</Badge>;
}

export const erasedKind = (kind: string) => (kind === "user" ? "Person" : "Organization");

const caption = "Erasures";

const columns: Column<Row>[] = [
  { header: "Id", width: "w-40", cell: ({ subjectId }) => <IdChip id={subjectId} /> },
  {
    header: "Kind",
    width: "w-28",
    isOptional: true,
    isWideOnly: true,
    cell: ({ kind }) => erasedKind(kind),
  },
  { header: "State", width: "w-40", cell: (row) => <ErasureStateBadge {...row} /> },
  {
    header: "Deleted",
    sort: "DELETED_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ deletedAt }) => <TimeCell value={deletedAt} />,
  },
  {
    header: "Reason",
    width: "w-36",
    isWideOnly: true,
    cell: ({ reason }) => deletionReasons[reason] ?? reason,
  },
  {
    header: "Requested by",
    width: "w-36",
    isOptional: true,
    isWideOnly: true,
    cell: ({ requestedBy, requestedByName }) => <Named id={requestedBy} name={requestedByName} />,
  },
  {
    header: "Next step",
    width: "w-32",
    isWideOnly: true,
    cell: ({ nextAt }) => <TimeCell value={nextAt} />,
  },
  {
    header: "Erased",
    width: "w-32",
    isWideOnly: true,
    cell: ({ erasedAt }) => <TimeCell value={erasedAt} />,
  },
  {
    header: "Receipt",
    width: "w-24",
    isOptional: true,
    isWideOnly: true,
    isRightAligned: true,
    cell: ({ receipt }) => (receipt === null ? <Unknown /> : formatCount(receipt)),
  },
  {
    header: "Undo",
    width: "w-28",
    isMenu: true,
    // On a narrow screen, the side sheet has the button.
    isWideOnly: true,
    cell: ({ step, subjectId }) => (step === "held" ? <UndoErasure id={subjectId} /> : null),
  },
];

export const erasureColumns = columnChoices(columns);

export function ErasuresTable(props: {
  erasures: FragmentOf<typeof ErasureRow>[];
  sorting: Sorting;
  layout: TableLayout;
}) {
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={readFragment(ErasureRow, props.erasures)}
      keyOf={({ id }) => id}
      nameOf={({ subjectId }) => subjectId}
      sorting={props.sorting}
      layout={props.layout}
    />
  );
}

export function ErasuresTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
