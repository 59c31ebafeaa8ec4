import type { ReactNode } from "react";
import { ConsolePage } from "@/components/console/console-page";
import { DeliveriesTable, DeliveryRow } from "@/components/console/deliveries-table";
import type { ListCount } from "@/components/console/list-page";
import { NeedsAttention, OpenActsFields } from "@/components/console/needs-attention";
import { OrganizationRow, OrganizationsTable } from "@/components/console/organizations-table";
import { OverviewFigures, OverviewFiguresData } from "@/components/console/overview-figures";
import { ProvisioningFailureRow } from "@/components/console/provisioning-failure-row";
import { ProvisioningFailures } from "@/components/console/provisioning-failures";
import { SyncStateFindings } from "@/components/console/sync-state";
import { UserRow, UsersTable } from "@/components/console/users-table";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { formatCount, formatListCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

const overviewQuery = graphql(
  `
    query Overview {
      users(first: 5) {
        count {
          number
          precision
        }
        edges {
          node {
            id
            ...UserRow
          }
        }
      }
      organizations(first: 5) {
        count {
          number
          precision
        }
        edges {
          node {
            id
            ...OrganizationRow
          }
        }
      }
      latestDeliveries {
        ...DeliveryRow
      }
      syncState {
        provisioning
        ...SyncStateFindings
      }
      consoleFigures {
        ...OverviewFiguresData
        openActs {
          ...OpenActsFields
        }
      }
      provisioningFailures {
        ...ProvisioningFailureRow
      }
    }
  `,
  [
    UserRow,
    OrganizationRow,
    DeliveryRow,
    ProvisioningFailureRow,
    SyncStateFindings,
    OverviewFiguresData,
    OpenActsFields,
  ],
);

/**
 * The overview shows at most this many failures. `first` in the query above limits the lists of people and organizations to the
 * same number.
 */
const SHOWN_FAILURES = 5;

export default async function OverviewPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.console);
    const { data } = await query({ query: overviewQuery });
    const { users, organizations, latestDeliveries, syncState, provisioningFailures } = data;
    const { consoleFigures } = data;
    return (
      <div className="flex flex-col gap-8">
        <h1 className="text-lg">Overview</h1>
        <NeedsAttention state={syncState} openActs={consoleFigures.openActs} />
        {provisioningFailures.length > 0 && (
          <section aria-labelledby="still-loading" className="flex flex-col gap-3">
            <div className="flex items-baseline justify-between gap-4">
              <h2 id="still-loading" className="text-base">
                Profiles still loading
              </h2>
              {(syncState.provisioning ?? 0) > SHOWN_FAILURES && (
                <All
                  what="profiles"
                  count={formatCount(syncState.provisioning ?? 0)}
                  href={paths.syncProfiles}
                />
              )}
            </div>
            <p className="max-w-prose text-pretty text-ink-soft">
              These people are signed in, but only the details in their session are known. Rollcall
              is retrying Clerk for the rest, at growing intervals.
            </p>
            <ProvisioningFailures failures={provisioningFailures.slice(0, SHOWN_FAILURES)} />
          </section>
        )}
        <OverviewFigures
          data={consoleFigures}
          people={users.count}
          organizations={organizations.count}
        />
        <Newest what="people" count={users.count} href={paths.users}>
          {users.edges.length > 0 ? (
            <UsersTable users={users.edges.map(({ node }) => node)} />
          ) : (
            <EmptyState>No people yet. A person appears here as soon as they sign up.</EmptyState>
          )}
        </Newest>
        <Newest what="organizations" count={organizations.count} href={paths.organizations}>
          {organizations.edges.length > 0 ? (
            <OrganizationsTable organizations={organizations.edges.map(({ node }) => node)} />
          ) : (
            <EmptyState>
              No organizations yet. One appears here as soon as a member creates it.
            </EmptyState>
          )}
        </Newest>
        <section aria-labelledby="deliveries" className="flex flex-col gap-3">
          <h2 id="deliveries" className="text-base">
            Latest deliveries
          </h2>
          {latestDeliveries.length > 0 ? (
            <DeliveriesTable deliveries={latestDeliveries} />
          ) : (
            <EmptyState action={<ButtonLink href={paths.sync}>Check sync</ButtonLink>}>
              No webhooks received yet. Each one from Clerk appears here.
            </EmptyState>
          )}
        </section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}

function Newest(props: { what: string; count: ListCount; href: string; children: ReactNode }) {
  const { what, count, href, children } = props;
  return (
    <section aria-label={`Newest ${what}`} className="flex flex-col gap-3">
      <div className="flex items-baseline justify-between gap-4">
        <h2 className="text-base">Newest {what}</h2>
        {count.number > 0 && <All what={what} count={formatListCount(count)} href={href} />}
      </div>
      {children}
    </section>
  );
}

function All({ what, count, href }: { what: string; count: string; href: string }) {
  return (
    <Link href={href} className="rounded-control text-accent tabular-nums hover:underline">
      All {count} {what}
    </Link>
  );
}
