import { Badge, type Tone } from "@/components/ui/badge";
import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";

export const DeliveryRow = graphql(`
  fragment DeliveryRow on ReceivedDelivery {
    svixId
    type
    objectId
    outcome
    receivedAt
  }
`);

const columns: Column[] = [
  { name: "Event" },
  { name: "Outcome" },
  { name: "Received", isWideOnly: true },
  { name: "About", isWideOnly: true },
];

/** Outcomes that ask for somebody's attention; every other is as usual. */
const tones = new Map<string, Tone>([
  ["pending", "wait"],
  ["quarantined", "warn"],
  ["unreadable", "warn"],
  ["dead", "bad"],
]);

export function DeliveriesTable(props: { deliveries: FragmentOf<typeof DeliveryRow>[] }) {
  return (
    <Table caption="Deliveries" columns={columns}>
      {props.deliveries.map((masked) => {
        const { svixId, type, objectId, outcome, receivedAt } = readFragment(DeliveryRow, masked);
        return (
          <TableRow
            key={svixId}
            columns={columns}
            cells={[
              <span key="event" className="font-mono text-xs">
                {type ?? "Not readable"}
              </span>,
              <Badge key="outcome" tone={tones.get(outcome) ?? "plain"}>
                {`${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}`}
              </Badge>,
              <Time key="received" value={receivedAt} />,
              objectId ? <IdChip key="about" id={objectId} /> : <Unknown key="about" />,
            ]}
          />
        );
      })}
    </Table>
  );
}
