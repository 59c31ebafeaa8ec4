import { notFound } from "next/navigation";
import { z } from "zod";
import { CrumbName } from "@/components/console/breadcrumbs";
import { BulkActFields, BulkActItemFields } from "@/components/console/bulk-fields";
import { BulkProgress } from "@/components/console/bulk-progress";
import { ConsolePage } from "@/components/console/console-page";
import { hrefOf } from "@/components/console/list-href";
import { Link } from "@/components/ui/link";
import { graphql, type VariablesOf } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Bulk act" };

const bulkQuery = graphql(
  `
    query BulkActProgress($id: ID!, $state: BulkActItemState, $after: Int) {
      bulkAct(id: $id) {
        id
        label
        ...BulkActFields
        items(state: $state, after: $after) {
          position
          ...BulkActItemFields
        }
      }
    }
  `,
  [BulkActFields, BulkActItemFields],
);

type State = NonNullable<VariablesOf<typeof bulkQuery>["state"]>;

const results: { label: string; state?: State }[] = [
  { label: "All" },
  { label: "Done", state: "DONE" },
  { label: "Refused", state: "REFUSED" },
  { label: "Skipped", state: "SKIPPED" },
  { label: "Not done", state: "PENDING" },
];

const parameters = z.object({
  result: z.enum(["PENDING", "DONE", "SKIPPED", "REFUSED"]).optional().catch(undefined),
  after: z.coerce.number().int().min(0).max(1_000_000).optional().catch(undefined),
});

/** As many items as the API returns at once. */
const PAGE = 200;

type Props = { params: Promise<{ id: string }>; searchParams: Promise<unknown> };

export default async function BulkActPage({ params, searchParams }: Props) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    const path = paths.bulkAct(id);
    await requireAdmin(path);
    const { result: state, after } = parameters.parse(await searchParams);
    const { data } = await query({
      query: bulkQuery,
      variables: { id, state: state ?? null, after: after ?? null },
    });
    const bulk = data.bulkAct;
    if (!bulk) notFound();
    const last = bulk.items.at(-1);
    return (
      <div className="flex flex-col gap-5">
        <CrumbName name={bulk.label} />
        <BulkProgress bulk={bulk} items={bulk.items}>
          <nav aria-label="Results" className="flex flex-wrap items-center gap-4">
            {results.map((each) => (
              <Link
                key={each.label}
                href={hrefOf(path, { ...(each.state && { result: each.state }) })}
                aria-current={each.state === state ? "page" : undefined}
                className="rounded-control text-accent hover:underline aria-[current]:font-strong aria-[current]:text-ink"
              >
                {each.label}
              </Link>
            ))}
            {last && bulk.items.length === PAGE && (
              <Link
                href={hrefOf(path, {
                  ...(state && { result: state }),
                  after: String(last.position),
                })}
                className="ml-auto rounded-control text-accent hover:underline"
              >
                Next {PAGE}
              </Link>
            )}
          </nav>
        </BulkProgress>
      </div>
    );
  });
  return <ConsolePage {...drawing} />;
}
