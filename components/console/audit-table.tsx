import { Unknown } from "@/components/ui/facts";
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
import { TextCell, TimeCell } from "./cells";

export const AuditRow = graphql(`
  fragment AuditRow on AuditEntry {
    id
    at
    actor
    actorName
    action
    subject
    subjectName
    reason
    detail
    sessionId
  }
`);

type Row = ResultOf<typeof AuditRow>;

const caption = "Audit log";

/** Shows an actor or subject by name with a link to its page, or by its id when it has no name. */
export function Named({ id, name }: { id: string | null; name: string | null }) {
  if (id === null) return <Unknown />;
  if (name === null) return <TextCell text={id} />;
  return (
    <Link
      href={id.startsWith("org_") ? paths.organization(id) : paths.user(id)}
      title={`${name} (${id})`}
      dir="auto"
      className="block truncate rounded-control text-ink hover:underline"
    >
      {name}
    </Link>
  );
}

/** Returns the details of the entry as `name: value` pairs in one text, without the reason, which has its own column. */
function detailText(detail: unknown): string {
  if (typeof detail !== "object" || detail === null) return "";
  return Object.entries(detail)
    .filter(([name]) => name !== "reason")
    .map(([name, value]) => `${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(", ");
}

const columns: Column<Row>[] = [
  {
    header: "Action",
    sort: "ACTION",
    width: "w-44 md:w-52",
    cell: ({ action, actorName, actor }) => (
      <>
        <span className="block truncate font-mono text-xs text-ink" title={action}>
          {action}
        </span>
        <span className="block truncate text-xs text-ink-faint md:hidden">
          {actorName ?? actor}
        </span>
      </>
    ),
  },
  {
    header: "Actor",
    sort: "ACTOR",
    width: "w-36",
    isWideOnly: true,
    cell: ({ actor, actorName }) => <Named id={actor} name={actorName} />,
  },
  {
    header: "Subject",
    sort: "SUBJECT",
    width: "w-36",
    isWideOnly: true,
    cell: ({ subject, subjectName }) => <Named id={subject} name={subjectName} />,
  },
  {
    header: "Reason",
    width: "w-40",
    isWideOnly: true,
    cell: ({ reason }) => <TextCell text={reason} />,
  },
  {
    header: "Details",
    width: "w-44",
    isWideOnly: true,
    cell: ({ detail }) => <TextCell text={detailText(detail)} />,
  },
  {
    header: "From",
    width: "w-44",
    isOptional: true,
    isWideOnly: true,
    cell: ({ sessionId }) => (sessionId ? <IdChip id={sessionId} /> : <Unknown />),
  },
  { header: "Time", sort: "AT", width: "w-32", cell: ({ at }) => <TimeCell value={at} /> },
];

export const auditColumns = columnChoices(columns);

export function AuditTable(props: {
  entries: FragmentOf<typeof AuditRow>[];
  sorting?: Sorting;
  layout?: TableLayout;
}) {
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={readFragment(AuditRow, props.entries)}
      keyOf={({ id }) => id}
      nameOf={({ action }) => action}
      sorting={props.sorting}
      layout={props.layout}
    />
  );
}

export function AuditTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
