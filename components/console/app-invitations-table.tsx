import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { ActMenu } from "./act-menu";
import { TextCell, TimeCell } from "./cells";
import { InvitationStatusBadge } from "./state-badges";

export const AppInvitationRow = graphql(`
  fragment AppInvitationRow on AppInvitation {
    id
    email
    status
    createdAt
  }
`);

const columns: Column<ResultOf<typeof AppInvitationRow>>[] = [
  {
    header: "Email",
    width: "w-48 md:w-72",
    cell: ({ email }) => (
      <span className="text-ink">
        <TextCell text={email} />
      </span>
    ),
  },
  {
    header: "Status",
    width: "w-24",
    cell: ({ status }) => <InvitationStatusBadge status={status} />,
  },
  {
    header: "Created",
    width: "w-32",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  { header: "Id", width: "w-44", isWideOnly: true, cell: ({ id }) => <IdChip id={id} /> },
  {
    header: "Actions",
    width: "w-28",
    isRightAligned: true,
    cell: ({ id, email }) => (
      <ActMenu
        kind="APP_INVITATION"
        id={id}
        variant="quiet"
        accessibleLabel={`Actions for the invitation of ${email}`}
      />
    ),
  },
];

const caption = "Invitations to the app";

export function AppInvitationsTable(props: { invitations: FragmentOf<typeof AppInvitationRow>[] }) {
  const rows = readFragment(AppInvitationRow, props.invitations);
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function AppInvitationsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={8} />;
}
