import { Badge, type Tone } from "@/components/ui/badge";
import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { capitalized } from "@/lib/format";
import { TextCell } from "./cells";

export const DeliveryRow = graphql(`
  fragment DeliveryRow on ReceivedDelivery {
    svixId
    type
    objectId
    outcome
    unread
    receivedAt
  }
`);

/** Outcomes that may need an admin's attention. All others are plain. */
const tones = new Map<string, Tone>([
  ["pending", "wait"],
  ["quarantined", "warn"],
  ["unreadable", "warn"],
  ["dead", "bad"],
]);

const columns: Column<ResultOf<typeof DeliveryRow>>[] = [
  {
    header: "Event",
    width: "w-44 md:w-64",
    cell: ({ type, unread }) => (
      <>
        <span className="block truncate font-mono text-xs" title={type ?? undefined}>
          {type ?? "Unreadable"}
        </span>
        {unread && (
          <span className="block truncate text-xs text-ink-faint md:hidden" title={unread}>
            Not read: {unread}
          </span>
        )}
      </>
    ),
  },
  {
    header: "Outcome",
    width: "w-28",
    cell: ({ outcome }) => (
      <Badge tone={tones.get(outcome) ?? "plain"}>{capitalized(outcome)}</Badge>
    ),
  },
  {
    header: "Received",
    width: "w-36",
    isWideOnly: true,
    cell: ({ receivedAt }) => <Time value={receivedAt} />,
  },
  {
    header: "Object id",
    width: "w-44",
    isWideOnly: true,
    cell: ({ objectId }) => (objectId ? <IdChip id={objectId} /> : <Unknown />),
  },
  {
    header: "Attributes not read",
    width: "w-48",
    isWideOnly: true,
    cell: ({ unread }) => <TextCell text={unread} />,
  },
];

export function DeliveriesTable(props: { deliveries: FragmentOf<typeof DeliveryRow>[] }) {
  const rows = readFragment(DeliveryRow, props.deliveries);
  return <Table caption="Deliveries" columns={columns} rows={rows} keyOf={(row) => row.svixId} />;
}
