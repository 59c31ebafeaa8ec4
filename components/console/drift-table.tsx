import { Badge } from "@/components/ui/badge";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { capitalized } from "@/lib/format";
import { TextCell } from "./cells";

export const DriftRow = graphql(`
  fragment DriftRow on DriftFinding {
    id
    kind
    table
    objectId
    cause
    isRepaired
    fields {
      name
      ours
      theirs
    }
  }
`);

type Row = ResultOf<typeof DriftRow>;

const textOf = (value: unknown) =>
  value === null ? "–" : typeof value === "string" ? value : JSON.stringify(value);

const columns: Column<Row>[] = [
  {
    header: "Object id",
    width: "w-44",
    cell: ({ objectId, kind }) => (
      <>
        <IdChip id={objectId} />
        <span className="block text-xs text-ink-faint md:hidden">{capitalized(kind)}</span>
      </>
    ),
  },
  { header: "Table", width: "w-32", isWideOnly: true, cell: ({ table }) => table },
  { header: "Difference", width: "w-28", isWideOnly: true, cell: ({ kind }) => capitalized(kind) },
  {
    header: "Field: Clerk’s value, ours",
    width: "w-44 md:w-96",
    cell: ({ fields }) => (
      <ul>
        {fields.map(({ name, ours, theirs }) => (
          <li
            key={name}
            className="truncate font-mono text-xs"
            title={`${name}: ${textOf(theirs)}, ${textOf(ours)}`.slice(0, 2_000)}
          >
            {name}: <bdi className="text-ink">{textOf(theirs).slice(0, 200)}</bdi>,{" "}
            <bdi>{textOf(ours).slice(0, 200)}</bdi>
          </li>
        ))}
      </ul>
    ),
  },
  {
    header: "Cause",
    width: "w-44",
    isWideOnly: true,
    cell: ({ cause }) => <TextCell text={capitalized(cause)} />,
  },
  {
    header: "Repaired",
    width: "w-24",
    isWideOnly: true,
    cell: ({ isRepaired }) => <Badge tone="plain">{isRepaired ? "Yes" : "No"}</Badge>,
  },
];

/** A table of the differences between Clerk and the mirror that a reconciliation found. */
export function DriftTable(props: { findings: FragmentOf<typeof DriftRow>[] }) {
  const rows = readFragment(DriftRow, props.findings);
  return <Table caption="Differences" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
