import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { TextCell, TimeCell } from "./cells";
import { ReplayEffects } from "./replay-effects";

export const DeadEffectRow = graphql(`
  fragment DeadEffectRow on DeadEffect {
    id
    handler
    table
    objectId
    change
    attempts
    error
    deadAt
  }
`);

const columns: Column<ResultOf<typeof DeadEffectRow>>[] = [
  {
    header: "Handler",
    width: "w-40",
    cell: ({ handler, error }) => (
      <span className="text-ink">
        <TextCell text={handler} />
        <span className="block truncate text-xs text-ink-faint md:hidden">{error}</span>
      </span>
    ),
  },
  {
    header: "Error",
    width: "w-52",
    isWideOnly: true,
    cell: ({ error }) => <TextCell text={error} />,
  },
  {
    header: "On",
    width: "w-36",
    isWideOnly: true,
    cell: ({ table, change }) => <TextCell text={`${table} ${change}`} />,
  },
  {
    header: "Object id",
    width: "w-44",
    isWideOnly: true,
    cell: ({ objectId }) => <IdChip id={objectId} />,
  },
  {
    header: "Gave up",
    width: "w-32",
    isWideOnly: true,
    cell: ({ deadAt }) => <TimeCell value={deadAt} />,
  },
  {
    header: "Act",
    width: "w-36",
    isRightAligned: true,
    cell: ({ id, handler }) => (
      <ReplayEffects handler={handler} id={id} what={`this job of ${handler}`} />
    ),
  },
];

export function DeadEffectsTable(props: { effects: FragmentOf<typeof DeadEffectRow>[] }) {
  const rows = readFragment(DeadEffectRow, props.effects);
  return <Table caption="Dead letters" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
