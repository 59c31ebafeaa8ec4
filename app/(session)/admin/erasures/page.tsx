import { ConsolePage } from "@/components/console/console-page";
import { ErasureBrake } from "@/components/console/erasure-brake";
import { ErasurePlot } from "@/components/console/erasure-plot";
import { EndedErasures, ErasureRow, ErasuresUnderWay } from "@/components/console/erasures-table";
import { ListPage } from "@/components/console/list-page";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Erasures" };

const erasuresQuery = graphql(
  `
    query Erasures {
      erasureBrake {
        engagedAt
        deletions
        waiting
      }
      erasuresUnderWay {
        ...ErasureRow
      }
      erasuresEnded {
        ...ErasureRow
      }
      erasureReceipts {
        count
        hash
        fault
      }
      erasureDays {
        day
        deleted
        erased
      }
    }
  `,
  [ErasureRow],
);

type Receipts = { count: number; hash: string; fault: string | null };

function ReceiptState({ count, hash, fault }: Receipts) {
  if (fault !== null) {
    return (
      <p role="alert" className="rounded-card bg-bad-quiet px-4 py-3 text-pretty text-bad">
        The chain of receipts is broken. {fault} Compare it with an earlier export of{" "}
        <code>npm run erasure:receipts</code>.
      </p>
    );
  }
  if (count === 0) return <p className="text-ink-soft">No receipts yet.</p>;
  return (
    <p className="text-pretty text-ink-soft">
      {formatCount(count)} receipts, verified just now: none is missing or changed. The newest hash,
      for publication, is <code className="text-xs break-all">{hash}</code>
    </p>
  );
}

export default async function ErasuresPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.erasures);
    const { data } = await query({ query: erasuresQuery });
    const { erasureBrake, erasuresUnderWay, erasuresEnded, erasureReceipts, erasureDays } = data;
    return (
      <ListPage
        title="Erasures"
        count={erasuresUnderWay.length}
        tools={
          <p className="max-w-prose text-pretty text-ink-soft">
            What happens to the data of deleted people and organizations. Access has ended for all
            of them.
          </p>
        }
      >
        {erasureBrake && <ErasureBrake {...erasureBrake} />}
        <ErasurePlot days={erasureDays} />
        <Section title="Under way">
          {erasuresUnderWay.length > 0 ? (
            <ErasuresUnderWay caption="Erasures under way" erasures={erasuresUnderWay} />
          ) : (
            <EmptyState>No erasure is under way.</EmptyState>
          )}
        </Section>
        <Section title="Ended">
          {erasuresEnded.length > 0 ? (
            <EndedErasures caption="Ended erasures" erasures={erasuresEnded} />
          ) : (
            <EmptyState>Nothing was erased yet.</EmptyState>
          )}
        </Section>
        <Section title="Receipts">
          <ReceiptState {...erasureReceipts} />
        </Section>
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
