import { Badge, type Tone } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { capitalized, formatCount } from "@/lib/format";
import { TextCell, TimeCell } from "./cells";

export const ObjectEffectRow = graphql(`
  fragment ObjectEffectRow on ObjectEffect {
    id
    handler
    objectTable
    change
    state
    attempts
    error
    createdAt
  }
`);

type Row = ResultOf<typeof ObjectEffectRow>;

const states: Record<Row["state"], { word: string; tone: Tone }> = {
  PENDING: { word: "Pending", tone: "wait" },
  DONE: { word: "Done", tone: "plain" },
  DEAD: { word: "Dead letter", tone: "bad" },
};

const columns: Column<Row>[] = [
  { header: "Handler", width: "w-44", cell: ({ handler }) => <TextCell text={handler} /> },
  {
    header: "State",
    width: "w-28",
    cell: ({ state }) => <Badge tone={states[state].tone}>{states[state].word}</Badge>,
  },
  {
    header: "Change",
    width: "w-40",
    isWideOnly: true,
    cell: ({ objectTable, change }) => <TextCell text={`${capitalized(objectTable)} ${change}`} />,
  },
  {
    header: "Failed tries",
    width: "w-28",
    isWideOnly: true,
    isRightAligned: true,
    cell: ({ attempts }) => formatCount(attempts),
  },
  {
    header: "Last failure",
    width: "w-40",
    isWideOnly: true,
    cell: ({ error }) => <TextCell text={error} />,
  },
  { header: "Added", width: "w-32", cell: ({ createdAt }) => <TimeCell value={createdAt} /> },
];

/** Lists the effects of one object: the calls of handlers for its changes. */
export function ObjectEffectsTable(props: { effects: FragmentOf<typeof ObjectEffectRow>[] }) {
  const rows = readFragment(ObjectEffectRow, props.effects);
  if (rows.length === 0)
    return <EmptyState>No handler of your code was called about this object.</EmptyState>;
  return <Table caption="Effects" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
