import { z } from "zod";
import { BulkActsTable } from "@/components/console/bulk-acts-table";
import { BulkActFields } from "@/components/console/bulk-fields";
import { ConsolePage } from "@/components/console/console-page";
import { hrefOf } from "@/components/console/list-href";
import { ButtonLink } from "@/components/ui/button-link";
import { EmptyState } from "@/components/ui/empty-state";
import { Link } from "@/components/ui/link";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Bulk acts" };

const bulkActsQuery = graphql(
  `
    query BulkActs($before: DateTime) {
      bulkActs(before: $before) {
        id
        requestedAt
        ...BulkActFields
      }
    }
  `,
  [BulkActFields],
);

const parameters = z.object({ before: z.iso.datetime().optional().catch(undefined) });

/** As many as the API returns at once. */
const PAGE = 50;

export default async function BulkActsPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.bulkActs);
    const { before } = parameters.parse(await searchParams);
    const { data } = await query({ query: bulkActsQuery, variables: { before: before ?? null } });
    const { bulkActs } = data;
    const last = bulkActs.at(-1);
    return (
      <div className="flex flex-col gap-4">
        <h1 className="text-lg">Bulk acts</h1>
        <p className="max-w-prose text-pretty text-ink-soft">
          Acts on many objects at once. The worker runs them one after another, within Clerk’s rate
          limit. Each has the result for every object.
        </p>
        {bulkActs.length > 0 ? (
          <BulkActsTable bulkActs={bulkActs} />
        ) : (
          <EmptyState action={<ButtonLink href={paths.users}>People</ButtonLink>}>
            {before
              ? "No more bulk acts."
              : "No bulk acts yet. Select rows of a list and choose an act below it."}
          </EmptyState>
        )}
        {last && bulkActs.length === PAGE && (
          <Link
            href={hrefOf(paths.bulkActs, { before: last.requestedAt })}
            className="self-end rounded-control text-accent hover:underline"
          >
            Next
          </Link>
        )}
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
