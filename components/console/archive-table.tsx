import { Badge } from "@/components/ui/badge";
import { Link } from "@/components/ui/link";
import { type Column, Table, TableSkeleton } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { archiveEntryPath } from "@/lib/paths";
import { deletionReasons } from "./archive-words";
import { TimeCell } from "./cells";

export const ArchiveRow = graphql(`
  fragment ArchiveRow on ArchiveEntry {
    id
    kind
    reason
    deletedAt
    purgeAt
    heldAt
  }
`);

type Row = ResultOf<typeof ArchiveRow>;

const caption = "Archive entries";

function Hold({ heldAt }: Pick<Row, "heldAt">) {
  return <Badge tone={heldAt ? "warn" : "plain"}>{heldAt ? "Legal hold" : "None"}</Badge>;
}

const columns: Column<Row>[] = [
  {
    header: "Key",
    width: "w-32 md:w-40",
    cell: ({ id, heldAt }) => (
      <>
        <Link
          href={archiveEntryPath(id)}
          title={id}
          className="block truncate rounded-control font-mono text-xs text-ink hover:underline"
        >
          {id}
        </Link>
        {heldAt && (
          <span className="md:hidden">
            <Hold heldAt={heldAt} />
          </span>
        )}
      </>
    ),
  },
  {
    header: "Deleted",
    width: "w-24 md:w-28",
    cell: ({ deletedAt }) => <TimeCell value={deletedAt} />,
  },
  {
    header: "Kind",
    width: "w-28",
    isWideOnly: true,
    cell: ({ kind }) => (kind === "user" ? "Person" : "Organization"),
  },
  {
    header: "Reason",
    width: "w-40",
    isWideOnly: true,
    cell: ({ reason }) => deletionReasons[reason] ?? reason,
  },
  { header: "Purge", width: "w-28", cell: ({ purgeAt }) => <TimeCell value={purgeAt} /> },
  {
    header: "Legal hold",
    width: "w-28",
    isWideOnly: true,
    cell: ({ heldAt }) => <Hold heldAt={heldAt} />,
  },
];

export function ArchiveTable({ entries }: { entries: FragmentOf<typeof ArchiveRow>[] }) {
  const rows = readFragment(ArchiveRow, entries);
  return <Table caption={caption} columns={columns} rows={rows} keyOf={({ id }) => id} />;
}

export function ArchiveTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={8} />;
}
