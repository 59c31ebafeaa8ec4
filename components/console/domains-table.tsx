import { EmptyState } from "@/components/ui/empty-state";
import { type Column, Table } from "@/components/ui/table";
import { type FragmentOf, graphql, type ResultOf, readFragment } from "@/lib/document";
import { capitalized } from "@/lib/format";
import { ActMenu } from "./act-menu";
import { TextCell } from "./cells";
import { VerifiedBadge } from "./state-badges";

export const DomainRow = graphql(`
  fragment DomainRow on OrganizationDomain {
    id
    name
    enrollmentMode
    isVerified
  }
`);

const columns: Column<ResultOf<typeof DomainRow>>[] = [
  { header: "Domain", width: "w-48", cell: ({ name }) => <TextCell text={name} /> },
  {
    header: "State",
    width: "w-28",
    cell: ({ isVerified }) => <VerifiedBadge isVerified={isVerified} />,
  },
  {
    header: "Enrollment",
    width: "w-44",
    isWideOnly: true,
    cell: ({ enrollmentMode }) => (
      <TextCell text={enrollmentMode && capitalized(enrollmentMode.replaceAll("_", " "))} />
    ),
  },
  {
    header: "Actions",
    width: "w-28",
    isRightAligned: true,
    cell: ({ id, name, enrollmentMode }) => (
      <ActMenu
        kind="DOMAIN"
        id={id}
        variant="quiet"
        accessibleLabel={`Actions for ${name ?? id}`}
        prefill={{ enrollmentMode: enrollmentMode ?? "manual_invitation" }}
      />
    ),
  },
];

export function DomainsTable(props: { domains: FragmentOf<typeof DomainRow>[] }) {
  const rows = readFragment(DomainRow, props.domains);
  if (rows.length === 0)
    return <EmptyState>This organization has no domain. Add one with “Actions”.</EmptyState>;
  return <Table caption="Domains" columns={columns} rows={rows} keyOf={({ id }) => id} />;
}
