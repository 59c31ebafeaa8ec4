import { ConsolePage } from "@/components/console/console-page";
import { ErasureBrake } from "@/components/console/erasure-brake";
import { ErasurePlot } from "@/components/console/erasure-plot";
import { ErasureReceipts } from "@/components/console/erasure-receipts";
import { EndedErasures, ErasureRow, ErasuresUnderWay } from "@/components/console/erasures-table";
import { ListPage } from "@/components/console/list-page";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
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
        verifiedAt
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
        <Section title="Receipts">
          <ErasureReceipts {...erasureReceipts} />
        </Section>
        <Section title="Ended">
          {erasuresEnded.length > 0 ? (
            <EndedErasures caption="Ended erasures" erasures={erasuresEnded} />
          ) : (
            <EmptyState>Nothing was erased yet.</EmptyState>
          )}
        </Section>
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
