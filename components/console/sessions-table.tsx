import { Badge } from "@/components/ui/badge";
import { EmptyState } from "@/components/ui/empty-state";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { ActMenu } from "./act-menu";
import { TextCell, TimeCell } from "./cells";

export const SessionRow = graphql(`
  fragment SessionRow on Session {
    id
    isImpersonated
    device
    place
    lastActiveAt
    expireAt
    createdAt
  }
`);

const columns: Column<ResultOf<typeof SessionRow>>[] = [
  {
    header: "Session",
    width: "w-44",
    cell: ({ id, isImpersonated }) => (
      <span className="flex flex-wrap items-center gap-2">
        <IdChip id={id} />
        {isImpersonated && <Badge tone="warn">Opened by an admin</Badge>}
      </span>
    ),
  },
  {
    header: "Device",
    width: "w-48",
    cell: ({ device }) => <TextCell text={device} />,
  },
  {
    header: "Place",
    width: "w-40",
    isWideOnly: true,
    cell: ({ place }) => <TextCell text={place} />,
  },
  {
    header: "Last active",
    width: "w-32",
    cell: ({ lastActiveAt }) => <TimeCell value={lastActiveAt} />,
  },
  {
    header: "Signed in",
    width: "w-32",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  {
    header: "Expires",
    width: "w-32",
    isWideOnly: true,
    cell: ({ expireAt }) => <TimeCell value={expireAt} />,
  },
  {
    header: "Actions",
    width: "w-28",
    isRightAligned: true,
    cell: ({ id }) => (
      <ActMenu
        kind="SESSION"
        id={id}
        variant="quiet"
        accessibleLabel={`Actions for session ${id}`}
      />
    ),
  },
];

export function SessionsTable(props: { sessions: FragmentOf<typeof SessionRow>[] }) {
  const rows = readFragment(SessionRow, props.sessions);
  if (rows.length === 0)
    return (
      <EmptyState>This person is signed in nowhere. An ended session is not listed.</EmptyState>
    );
  return <Table caption="Sessions" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
