import { Unknown } from "@/components/ui/facts";
import { IdChip } from "@/components/ui/id-chip";
import {
  type Column,
  columnChoices,
  type Sorting,
  Table,
  type TableLayout,
  TableSkeleton,
} from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { memberCount } from "@/lib/format";
import { paths } from "@/lib/paths";
import { TextCell, TimeCell } from "./cells";
import { NameCell, NameCellSkeleton } from "./name-cell";

export const OrganizationRow = graphql(`
  fragment OrganizationRow on Organization {
    id
    name
    slug
    imageUrl
    membersCount
    maxAllowedMemberships
    createdAt
    updatedAt
    createdBy
    adminDeleteEnabled
    isDeleted
  }
`);

const caption = "Organizations";

const columns: Column<ResultOf<typeof OrganizationRow>>[] = [
  {
    header: "Name",
    sort: "NAME",
    width: "w-48 md:w-60",
    skeleton: <NameCellSkeleton shape="organization" />,
    cell: ({ id, name, slug, imageUrl, isDeleted }) => (
      <NameCell
        name={name}
        imageUrl={imageUrl}
        href={isDeleted ? null : paths.organization(id)}
        shape="organization"
        note={slug}
      />
    ),
  },
  {
    header: "Slug",
    sort: "SLUG",
    width: "w-48",
    isWideOnly: true,
    cell: ({ slug }) => <TextCell text={slug} />,
  },
  {
    header: "Members",
    sort: "MEMBERS_COUNT",
    width: "w-24",
    isRightAligned: true,
    cell: ({ membersCount, maxAllowedMemberships }) =>
      memberCount(membersCount, maxAllowedMemberships),
  },
  {
    header: "Last changed",
    sort: "UPDATED_AT",
    width: "w-32",
    isWideOnly: true,
    cell: ({ updatedAt }) => <TimeCell value={updatedAt} />,
  },
  {
    header: "Created",
    sort: "CREATED_AT",
    width: "w-32",
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
  {
    header: "Created by",
    sort: "CREATED_BY",
    width: "w-44",
    isOptional: true,
    isWideOnly: true,
    cell: ({ createdBy }) => (createdBy ? <IdChip id={createdBy} /> : <Unknown />),
  },
  {
    header: "Admins may delete",
    sort: "ADMINS_MAY_DELETE",
    width: "w-36",
    isOptional: true,
    isWideOnly: true,
    cell: ({ adminDeleteEnabled }) => (adminDeleteEnabled ? "Yes" : "No"),
  },
];

export const organizationColumns = columnChoices(columns);

export function OrganizationsTable(props: {
  organizations: FragmentOf<typeof OrganizationRow>[];
  sorting?: Sorting;
  layout?: TableLayout;
}) {
  const rows = readFragment(OrganizationRow, props.organizations);
  const { sorting, layout } = props;
  return (
    <Table
      caption={caption}
      columns={columns}
      rows={rows}
      keyOf={({ id }) => id}
      nameOf={({ name }) => name}
      sorting={sorting}
      layout={layout}
    />
  );
}

export function OrganizationsTableSkeleton() {
  return <TableSkeleton caption={caption} columns={columns} rowCount={12} isSelectable />;
}
