import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { TimeCell } from "./cells";

export const ScheduleRow = graphql(`
  fragment ScheduleRow on Schedule {
    task
    what
    when
    lastRunAt
  }
`);

const columns: Column<ResultOf<typeof ScheduleRow>>[] = [
  {
    header: "Task",
    width: "w-64",
    cell: ({ what, when }) => (
      <>
        <span className="text-ink">{what}</span>
        <span className="block text-xs text-ink-faint md:hidden">{when}</span>
      </>
    ),
  },
  { header: "When", width: "w-44", isWideOnly: true, cell: ({ when }) => when },
  {
    header: "Last run",
    width: "w-32",
    cell: ({ lastRunAt }) => <TimeCell value={lastRunAt} />,
  },
];

/** The worker's periodic tasks. */
export function SchedulesTable(props: { schedules: FragmentOf<typeof ScheduleRow>[] }) {
  const rows = readFragment(ScheduleRow, props.schedules);
  return <Table caption="Schedules" columns={columns} rows={rows} keyOf={({ task }) => task} />;
}
