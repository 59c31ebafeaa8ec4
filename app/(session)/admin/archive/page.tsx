import { z } from "zod";
import { ArchiveLookup } from "@/components/console/archive-lookup";
import { ArchivePlot, ArchivePlotData } from "@/components/console/archive-plot";
import { ArchiveRow, ArchiveTable } from "@/components/console/archive-table";
import { ConsolePage } from "@/components/console/console-page";
import { ListPage } from "@/components/console/list-page";
import { Section } from "@/components/console/section";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Archive" };

const archiveQuery = graphql(
  `
    query Archive {
      archive {
        count
        heldCount
        unarchivedCount
        problem
        entries {
          ...ArchiveRow
        }
        ...ArchivePlotData
      }
    }
  `,
  [ArchiveRow, ArchivePlotData],
);

const parameters = z.object({ key: z.guid().catch("") });

export default async function ArchivePage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.archive);
    const { key } = parameters.parse(await searchParams);
    const { archive } = (await query({ query: archiveQuery })).data;
    const { count, heldCount, unarchivedCount, problem, entries } = archive;
    return (
      <ListPage
        title="Archive"
        count={count}
        tools={
          <p className="max-w-prose text-pretty text-ink-soft">
            Purchases of deleted people and organizations, encrypted, until the law no longer
            requires them. Without purchases there is no entry.
          </p>
        }
      >
        {problem && (
          <p role="alert" className="rounded-card bg-bad-quiet px-4 py-3 text-pretty text-bad">
            Nothing can be archived or looked up. {problem}{" "}
            {unarchivedCount > 0 &&
              `The purchases of ${formatCount(unarchivedCount)} deleted people stay in their tables until then.`}
          </p>
        )}
        <ArchiveLookup search={key} />
        <ArchivePlot data={archive} />
        <Section title={heldCount > 0 ? `Entries, ${formatCount(heldCount)} held` : "Entries"}>
          {entries.length > 0 ? (
            <ArchiveTable entries={entries} />
          ) : (
            <EmptyState>No entries. One is made when someone with purchases is deleted.</EmptyState>
          )}
        </Section>
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
