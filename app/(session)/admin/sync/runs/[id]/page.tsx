import { notFound } from "next/navigation";
import { CrumbName } from "@/components/console/breadcrumbs";
import { ConsolePage } from "@/components/console/console-page";
import { DriftRow, DriftTable } from "@/components/console/drift-table";
import { modeText, RunStatusBadge, triggerText } from "@/components/console/reconciliations-table";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { Fact, Facts } from "@/components/ui/facts";
import { type Column, Table } from "@/components/ui/table";
import { Time } from "@/components/ui/time";
import { graphql, type ResultOf } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Reconciliation" };

const runQuery = graphql(
  `
    query Reconciliation($id: ID!) {
      reconciliation(id: $id) {
        id
        mode
        trigger
        status
        startedAt
        endedAt
        note
        requests
        tallies {
          table
          read
          missing
          stale
          different
          extra
          unreadable
          partial
          repaired
        }
        findings {
          ...DriftRow
        }
      }
    }
  `,
  [DriftRow],
);

type Run = NonNullable<ResultOf<typeof runQuery>["reconciliation"]>;
type Tally = Run["tallies"][number];

const count = (header: string, of: (tally: Tally) => number, isWideOnly = true): Column<Tally> => ({
  ...{ header, width: "w-24", isRightAligned: true, isWideOnly },
  cell: (tally) => formatCount(of(tally)),
});

const found = ({ missing, stale, different, extra, unreadable, partial }: Tally) =>
  missing + stale + different + extra + unreadable + partial;

const columns: Column<Tally>[] = [
  { header: "Table", width: "w-32", cell: ({ table }) => table },
  count("Compared", ({ read }) => read, false),
  count("Missing", ({ missing }) => missing),
  count("Stale", ({ stale }) => stale),
  count("Different", ({ different }) => different),
  count("Extra", ({ extra }) => extra),
  count("Not read", ({ unreadable, partial }) => unreadable + partial),
  count("Repaired", ({ repaired }) => repaired, false),
];

export default async function ReconciliationPage({ params }: { params: Promise<{ id: string }> }) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    await requireAdmin(paths.reconciliation(id));
    const { data } = await query({ query: runQuery, variables: { id } });
    const run = data.reconciliation ?? notFound();
    const total = run.tallies.reduce((sum, tally) => sum + found(tally), 0);
    return (
      <div className="flex flex-col gap-6">
        <CrumbName name={`Reconciliation ${run.id}`} />
        <div className="flex flex-wrap items-center gap-3">
          <h1 className="text-lg">Reconciliation {run.id}</h1>
          <RunStatusBadge status={run.status} />
        </div>
        {run.note && <p className="max-w-prose whitespace-pre-line text-ink-soft">{run.note}</p>}
        <Facts>
          <Fact name="Started">
            <Time value={run.startedAt} />
          </Fact>
          <Fact name="Mode">{modeText(run.mode)}</Fact>
          <Fact name="Ended">{run.endedAt && <Time value={run.endedAt} />}</Fact>
          <Fact name="Started by">{triggerText(run.trigger)}</Fact>
          <Fact name="Requests to Clerk">{formatCount(run.requests)}</Fact>
        </Facts>
        <Section title="Tables">
          <Table
            caption="Tables"
            columns={columns}
            rows={run.tallies}
            keyOf={({ table }) => table}
          />
        </Section>
        <Section title="Differences" count={total}>
          {run.findings.length > 0 ? (
            <DriftTable findings={run.findings} />
          ) : (
            <EmptyState>No differences: the mirror was equal to Clerk.</EmptyState>
          )}
          {total > run.findings.length && run.findings.length > 0 && (
            <p className="text-ink-soft">
              The first {formatCount(run.findings.length)} of {formatCount(total)} are shown.
            </p>
          )}
        </Section>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
