import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import {
  type Column,
  columnChoices,
  type Sorting,
  Table,
  type TableLayout,
  TableSkeleton,
} from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatDuration } from "@/lib/format";
import { paths } from "@/lib/paths";
import { TextCell } from "./cells";
import { DeliveryOutcomeBadge } from "./state-badges";

export const DeliveryRow = graphql(`
  fragment DeliveryRow on ReceivedDelivery {
    id
    type
    objectId
    outcome
    attempts
    error
    unread
    receivedAt
    delayMs
  }
`);

type Row = ResultOf<typeof DeliveryRow>;

/**
 * Returns the error's class and the number of attempts, or else the attributes that could not be read; null if there are none.
 */
function noteOf({ error, unread, attempts }: Row): string | null {
  if (error) return `${error}, ${attempts === 1 ? "1 attempt" : `${attempts} attempts`}`;
  return unread && `Not read: ${unread}`;
}

const columns: Column<Row>[] = [
  {
    header: "Event",
    sort: "TYPE",
    width: "w-44 md:w-60",
    cell: (row) => (
      <>
        <Link
          href={paths.delivery(row.id)}
          title={row.type ?? undefined}
          className="block truncate rounded-control font-mono text-xs text-ink hover:underline"
        >
          {row.type ?? "Unreadable"}
        </Link>
        {noteOf(row) && (
          <span className="block truncate text-xs text-ink-faint md:hidden">{noteOf(row)}</span>
        )}
      </>
    ),
  },
  {
    header: "Outcome",
    sort: "OUTCOME",
    width: "w-28",
    cell: ({ outcome }) => <DeliveryOutcomeBadge outcome={outcome} />,
  },
  {
    header: "Received",
    sort: "RECEIVED_AT",
    width: "w-36",
    isWideOnly: true,
    cell: ({ receivedAt }) => <Time value={receivedAt} />,
  },
  {
    header: "Delay",
    sort: "DELAY",
    width: "w-28",
    isWideOnly: true,
    isRightAligned: true,
    cell: ({ delayMs }) => (delayMs === null ? <Unknown /> : delayText(delayMs)),
  },
  {
    header: "Object id",
    sort: "OBJECT_ID",
    width: "w-44",
    isWideOnly: true,
    cell: ({ objectId }) => (objectId ? <IdChip id={objectId} /> : <Unknown />),
  },
  {
    header: "Note",
    width: "w-48",
    isWideOnly: true,
    cell: (row) => (noteOf(row) ? <TextCell text={noteOf(row)} /> : null),
  },
];

/** Formats the delay of a webhook. The delay is negative when Clerk's clock is ahead of ours. */
export function delayText(delayMs: number): string {
  return delayMs < 0 ? `${formatDuration(-delayMs)} early` : formatDuration(delayMs);
}

export const deliveryColumns = columnChoices(columns);

const caption = "Deliveries";

export function DeliveriesTable(props: {
  deliveries: FragmentOf<typeof DeliveryRow>[];
  sorting?: Sorting;
  layout?: TableLayout;
}) {
  const rows = readFragment(DeliveryRow, props.deliveries);
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      nameOf={({ type }) => type}
      sorting={props.sorting}
      layout={props.layout}
    />
  );
}

export function DeliveriesTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
