import Link from "next/link";
import type { ReactNode } from "react";
import { OrganizationRow, OrganizationsTable } from "@/components/console/organizations-table";
import { PeopleTable, PersonRow } from "@/components/console/people-table";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { query } from "@/lib/query/query";

const overviewQuery = graphql(
  `
    query Overview {
      users(first: 5) {
        totalCount
        edges {
          node {
            id
            ...PersonRow
          }
        }
      }
      organizations(first: 5) {
        totalCount
        edges {
          node {
            id
            ...OrganizationRow
          }
        }
      }
    }
  `,
  [PersonRow, OrganizationRow],
);

export default async function OverviewPage() {
  await requireAdmin(paths.console);
  const { data } = await query({ query: overviewQuery });
  const { users, organizations } = data;
  return (
    <div className="flex flex-col gap-8">
      <h1 className="text-lg">Overview</h1>
      <Newest things="people" count={users.totalCount} href={paths.people}>
        {users.edges.length > 0 ? (
          <PeopleTable people={users.edges.map(({ node }) => node)} />
        ) : (
          <EmptyState>No people yet. A person appears here as soon as they sign up.</EmptyState>
        )}
      </Newest>
      <Newest things="organizations" count={organizations.totalCount} href={paths.organizations}>
        {organizations.edges.length > 0 ? (
          <OrganizationsTable organizations={organizations.edges.map(({ node }) => node)} />
        ) : (
          <EmptyState>
            No organizations yet. One appears here as soon as a member creates it.
          </EmptyState>
        )}
      </Newest>
    </div>
  );
}

function Newest(props: { things: string; count: number; href: string; children: ReactNode }) {
  const { things, count, href, children } = props;
  return (
    <section aria-label={`Newest ${things}`} className="flex flex-col gap-3">
      <div className="flex items-baseline justify-between gap-4">
        <h2 className="text-base">Newest {things}</h2>
        <Link href={href} className="rounded-control text-accent tabular-nums hover:underline">
          All {formatCount(count)} {things}
        </Link>
      </div>
      {children}
    </section>
  );
}
