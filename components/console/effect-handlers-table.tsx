import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { TextCell, TimeCell } from "./cells";
import { ReplayEffects } from "./replay-effects";

export const EffectHandlerRow = graphql(`
  fragment EffectHandlerRow on EffectHandler {
    name
    subscriptions
    isRunning
    pending
    late
    oldestPendingAt
    dead
    done
  }
`);

type Row = ResultOf<typeof EffectHandlerRow>;

function HandlerState({ isRunning, late, dead }: Row) {
  if (!isRunning) return <Badge tone="warn">Not in this release</Badge>;
  if (dead > 0) return <Badge tone="bad">Dead letters</Badge>;
  return late > 0 ? <Badge tone="warn">Late</Badge> : <Badge tone="plain">Up to date</Badge>;
}

const count = (header: string, of: (row: Row) => number): Column<Row> => ({
  ...{ header, width: "w-18", isRightAligned: true, isWideOnly: true },
  cell: (row) => formatCount(of(row)),
});

const columns: Column<Row>[] = [
  {
    header: "Handler",
    width: "w-40 md:w-44",
    cell: ({ name }) => (
      <span className="text-ink">
        <TextCell text={name} />
      </span>
    ),
  },
  { header: "State", width: "w-32", cell: (row) => <HandlerState {...row} /> },
  {
    header: "Runs on",
    width: "w-44",
    isWideOnly: true,
    cell: ({ subscriptions }) => <TextCell text={subscriptions.join(", ") || "Nothing yet"} />,
  },
  count("Pending", ({ pending }) => pending),
  count("Late", ({ late }) => late),
  {
    header: "Oldest",
    width: "w-28",
    isWideOnly: true,
    cell: ({ oldestPendingAt }) => <TimeCell value={oldestPendingAt} />,
  },
  {
    header: "Dead",
    width: "w-18",
    isRightAligned: true,
    isWideOnly: true,
    cell: ({ name, dead }) =>
      dead > 0 ? (
        <Link href={paths.effectsOf(name)} className="rounded-control text-accent hover:underline">
          {formatCount(dead)}
        </Link>
      ) : (
        "0"
      ),
  },
  count("Done", ({ done }) => done),
  {
    header: "Act",
    width: "w-32",
    isRightAligned: true,
    cell: ({ name, dead }) =>
      dead > 0 && (
        <ReplayEffects handler={name} what={`all ${formatCount(dead)} dead letters of ${name}`} />
      ),
  },
];

export function EffectHandlersTable(props: { handlers: FragmentOf<typeof EffectHandlerRow>[] }) {
  const rows = readFragment(EffectHandlerRow, props.handlers);
  return <Table caption="Handlers" columns={columns} rows={rows} keyOf={({ name }) => name} />;
}
