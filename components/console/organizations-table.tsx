import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import { type Column, Table, TableRow, TableSkeleton } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { type FragmentOf, graphql, readFragment } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { NameCell } from "./name-cell";

export const OrganizationRow = graphql(`
  fragment OrganizationRow on Organization {
    id
    name
    slug
    imageUrl
    membersCount
    createdAt
  }
`);

const caption = "Organizations";

const columns: Column[] = [
  { name: "Name" },
  { name: "Slug", isWideOnly: true },
  { name: "Members", isNumber: true },
  { name: "Created", isWideOnly: true },
  { name: "Id", isWideOnly: true },
];

export function OrganizationsTable(props: { organizations: FragmentOf<typeof OrganizationRow>[] }) {
  return (
    <Table caption={caption} columns={columns}>
      {props.organizations.map((masked) => {
        const { id, name, slug, imageUrl, membersCount, createdAt } = readFragment(
          OrganizationRow,
          masked,
        );
        return (
          <TableRow
            key={id}
            columns={columns}
            cells={[
              <NameCell
                key="name"
                name={name}
                imageUrl={imageUrl}
                href={paths.organization(id)}
                shape="organization"
                note={slug}
              />,
              slug ? (
                <span key="slug" className="block max-w-60 truncate" title={slug}>
                  {slug}
                </span>
              ) : (
                <Unknown key="slug" />
              ),
              formatCount(membersCount),
              createdAt ? <Time key="created" value={createdAt} /> : <Unknown key="created" />,
              <IdChip key="id" id={id} />,
            ]}
          />
        );
      })}
    </Table>
  );
}

export function OrganizationsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rows={12} />;
}
