import { EmptyState } from "@/components/ui/empty-state";
import { Unknown } from "@/components/ui/facts";
import { Link } from "@/components/ui/link";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { paths } from "@/lib/paths";

export const DeliveryChangeData = graphql(`
  fragment DeliveryChangeData on DeliveryDetail {
    hasVersions
    change {
      table
      objectId
      kind
      isLate
      fields {
        name
        before
        after
      }
    }
  }
`);

type Change = NonNullable<ResultOf<typeof DeliveryChangeData>["change"]>;
type Field = Change["fields"][number];

/** Shows one value of a row on one line. A long value is truncated, and shown in full on hover. */
function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <Unknown />;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return (
    <bdi title={text.slice(0, 2_000)} className="block truncate font-mono text-xs">
      {text.slice(0, 500)}
    </bdi>
  );
}

const columns: Column<Field>[] = [
  {
    header: "Field",
    width: "w-36",
    cell: ({ name }) => <span className="block truncate font-mono text-xs">{name}</span>,
  },
  { header: "Before", width: "w-28 md:w-72", cell: ({ before }) => <Value value={before} /> },
  { header: "After", width: "w-28 md:w-72", cell: ({ after }) => <Value value={after} /> },
];

const sentences: Record<string, string> = {
  created: "It created this row.",
  updated: "It changed this row.",
  deleted: "It deleted this row. What is left is its id.",
  unchanged: "The row was as the event says already.",
};

const nouns: Record<string, string> = {
  users: "the user",
  organizations: "the organization",
  memberships: "the membership",
};

/** Returns the URL of the changed object's page, or null if the object has no page. */
function hrefOf({ table, objectId }: Change): string | null {
  if (table === "users") return paths.user(objectId);
  return table === "organizations" ? paths.organization(objectId) : null;
}

/** Shows what a delivery changed in the mirror, field by field. */
export function DeliveryChange(props: { detail: FragmentOf<typeof DeliveryChangeData> }) {
  const { hasVersions, change } = readFragment(DeliveryChangeData, props.detail);
  if (!change) {
    return (
      <EmptyState>
        {hasVersions
          ? "Nothing: this delivery was not applied."
          : "Not known. Rollcall keeps versions of users, organizations and memberships only."}
      </EmptyState>
    );
  }
  const href = hrefOf(change);
  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-soft">
        {change.isLate
          ? "It arrived after a newer event, so the row was not changed. This is what it says."
          : sentences[change.kind]}{" "}
        {href && (
          <Link href={href} className="rounded-control text-accent hover:underline">
            Open {nouns[change.table]}
          </Link>
        )}
      </p>
      {change.fields.length > 0 && (
        <Table
          caption="Changed fields"
          columns={columns}
          rows={change.fields}
          keyOf={({ name }) => name}
        />
      )}
    </div>
  );
}
