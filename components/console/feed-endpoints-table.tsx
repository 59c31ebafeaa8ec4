import { Badge } from "@/components/ui/badge";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { TextCell, TimeCell } from "./cells";
import { FeedEndpointActs } from "./feed-endpoint-acts";

export const FeedEndpointRow = graphql(`
  fragment FeedEndpointRow on FeedEndpoint {
    name
    url
    kinds
    disabledAt
    disabledReason
    failingSince
    lastFailure
    lastSuccessAt
  }
`);

type Row = ResultOf<typeof FeedEndpointRow>;

function EndpointState({ disabledAt, failingSince, lastSuccessAt }: Row) {
  if (disabledAt) return <Badge tone="bad">Disabled</Badge>;
  if (failingSince) return <Badge tone="warn">Failing</Badge>;
  return <Badge tone={lastSuccessAt ? "plain" : "wait"}>{lastSuccessAt ? "Working" : "New"}</Badge>;
}

/** Returns the endpoint's last failure, or who disabled it; null for a working endpoint. */
function noteOf({ disabledAt, disabledReason, failingSince, lastFailure }: Row) {
  if (disabledAt) {
    return disabledReason === "command" ? "Disabled by an operator" : `It ${lastFailure}`;
  }
  return failingSince ? `It ${lastFailure}` : null;
}

const columns: Column<Row>[] = [
  {
    header: "Endpoint",
    width: "w-40",
    cell: ({ name }) => (
      <span className="text-ink">
        <TextCell text={name} />
      </span>
    ),
  },
  { header: "State", width: "w-28", cell: (row) => <EndpointState {...row} /> },
  { header: "URL", width: "w-60", isWideOnly: true, cell: ({ url }) => <TextCell text={url} /> },
  {
    header: "Kinds",
    width: "w-44",
    isWideOnly: true,
    cell: ({ kinds }) => <TextCell text={kinds.join(", ")} />,
  },
  {
    header: "Last success",
    width: "w-32",
    isWideOnly: true,
    cell: ({ lastSuccessAt }) => <TimeCell value={lastSuccessAt} />,
  },
  {
    header: "Note",
    width: "w-52",
    isWideOnly: true,
    cell: (row) => noteOf(row) && <TextCell text={noteOf(row)} />,
  },
  {
    header: "Actions",
    width: "w-48",
    isRightAligned: true,
    cell: ({ name, disabledAt }) => (
      <FeedEndpointActs name={name} isDisabled={disabledAt !== null} />
    ),
  },
];

/** The endpoints of the signed change feed. `npm run feed` adds and removes them. */
export function FeedEndpointsTable(props: { endpoints: FragmentOf<typeof FeedEndpointRow>[] }) {
  const rows = readFragment(FeedEndpointRow, props.endpoints);
  return <Table caption="Change feed" columns={columns} rows={rows} keyOf={({ name }) => name} />;
}
