import { IdChip } from "@/components/ui/id-chip";
import { Link } from "@/components/ui/link";
import {
  type Column,
  columnChoices,
  type Sorting,
  Table,
  type TableLayout,
  TableSkeleton,
} from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";
import { ActMenu } from "./act-menu";
import { TextCell, TimeCell } from "./cells";
import { InvitationStatusBadge, RoleBadge } from "./state-badges";

export const InvitationRow = graphql(`
  fragment InvitationRow on Invitation {
    id
    email
    role
    roleName
    status
    expiresAt
    createdAt
    organizationId
    organizationName
    inviterId
    inviterName
  }
`);

type Row = ResultOf<typeof InvitationRow>;

const caption = "Invitations";

/**
 * Shows a user or an organization by name with a link. A deleted user or organization has neither name nor page, so its id is
 * shown.
 */
export function Named(props: {
  id: string | null;
  name: string | null;
  href: (id: string) => string;
}) {
  const { id, name, href } = props;
  if (!id || !name) return <TextCell text={id} />;
  return (
    <Link
      href={href(id)}
      title={name}
      dir="auto"
      className="block truncate rounded-control text-ink hover:underline"
    >
      {name}
    </Link>
  );
}

const organization: Column<Row> = {
  header: "Organization",
  width: "w-40",
  isWideOnly: true,
  cell: ({ organizationId, organizationName }) => (
    <Named id={organizationId} name={organizationName} href={paths.organization} />
  ),
};

const columns: Column<Row>[] = [
  {
    header: "Email",
    sort: "EMAIL",
    width: "w-48 md:w-52",
    cell: ({ email, organizationName }) => (
      <>
        <span className="text-ink">
          <TextCell text={email} />
        </span>
        {organizationName && (
          <span className="block truncate text-xs text-ink-faint md:hidden">
            {organizationName}
          </span>
        )}
      </>
    ),
  },
  {
    header: "Status",
    sort: "STATUS",
    width: "w-24",
    cell: ({ status }) => <InvitationStatusBadge status={status} />,
  },
  organization,
  {
    header: "Role",
    sort: "ROLE",
    width: "w-28",
    isWideOnly: true,
    cell: ({ role, roleName }) => <RoleBadge role={role} name={roleName} />,
  },
  {
    header: "Invited by",
    width: "w-36",
    isWideOnly: true,
    cell: ({ inviterId, inviterName }) => (
      <Named id={inviterId} name={inviterName} href={paths.user} />
    ),
  },
  {
    header: "Expires",
    sort: "EXPIRES_AT",
    width: "w-28",
    isWideOnly: true,
    cell: ({ expiresAt }) => <TimeCell value={expiresAt} />,
  },
  {
    header: "Created",
    sort: "CREATED_AT",
    width: "w-28",
    isWideOnly: true,
    cell: ({ createdAt }) => <TimeCell value={createdAt} />,
  },
  {
    header: "Id",
    sort: "ID",
    width: "w-44",
    isWideOnly: true,
    cell: ({ id }) => <IdChip id={id} />,
  },
];

const columnsOfOne = columns.filter((column) => column !== organization);

const actions: Column<Row> = {
  header: "Actions",
  width: "w-28",
  isMenu: true,
  isRightAligned: true,
  cell: ({ id, email }) => (
    <ActMenu
      kind="INVITATION"
      id={id}
      variant="quiet"
      accessibleLabel={`Actions for the invitation of ${email ?? id}`}
    />
  ),
};

export const invitationColumns = columnChoices(columns);

export function InvitationsTable(props: {
  invitations: FragmentOf<typeof InvitationRow>[];
  sorting?: Sorting;
  layout?: TableLayout;
  /** All invitations are of one organization, which the page already names, so the table needs no column for it. */
  isOfOne?: boolean;
  /** Adds a column with a menu of acts. */
  hasActs?: boolean;
}) {
  const { invitations, sorting, layout, isOfOne, hasActs } = props;
  const shown = isOfOne ? columnsOfOne : columns;
  return (
    <Table
      caption={caption}
      columns={hasActs ? [...shown, actions] : shown}
      rows={readFragment(InvitationRow, invitations)}
      keyOf={({ id }) => id}
      nameOf={({ email }) => email}
      sorting={sorting}
      layout={layout}
    />
  );
}

export function InvitationsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
