import { EmptyState } from "@/components/ui/empty-state";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { TextCell, TimeCell } from "./cells";
import { EffectStateBadge, effectState } from "./state-badges";

export const CausedEffectRow = graphql(`
  fragment CausedEffectRow on CausedEffect {
    id
    handler
    change
    attempts
    error
    runAt
    doneAt
    deadAt
  }
`);

const columns: Column<ResultOf<typeof CausedEffectRow>>[] = [
  { header: "Handler", width: "w-40", cell: ({ handler }) => <TextCell text={handler} /> },
  {
    header: "State",
    width: "w-28",
    cell: (job) => <EffectStateBadge state={effectState(job)} />,
  },
  { header: "On", width: "w-24", isWideOnly: true, cell: ({ change }) => change },
  {
    header: "Failures",
    width: "w-24",
    isRightAligned: true,
    isWideOnly: true,
    cell: ({ attempts }) => formatCount(attempts),
  },
  {
    header: "Error",
    width: "w-40",
    isWideOnly: true,
    cell: ({ error }) => <TextCell text={error} />,
  },
  {
    header: "Done, or next attempt",
    width: "w-36",
    isWideOnly: true,
    cell: ({ doneAt, deadAt, runAt }) => <TimeCell value={doneAt ?? deadAt ?? runAt} />,
  },
];

/** Lists the effects that a delivery caused, with the state of each. */
export function CausedEffects(props: { effects: FragmentOf<typeof CausedEffectRow>[] }) {
  const rows = readFragment(CausedEffectRow, props.effects);
  if (rows.length === 0) return <EmptyState>This delivery caused no effects.</EmptyState>;
  return <Table caption="Effects" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
