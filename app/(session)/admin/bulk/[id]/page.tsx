import { notFound } from "next/navigation";
import { BulkActFields } from "@/components/console/bulk-fields";
import { BulkProgress } from "@/components/console/bulk-progress";
import { ConsolePage } from "@/components/console/console-page";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Act on many" };

const bulkQuery = graphql(
  `
    query BulkActProgress($id: ID!) {
      bulkAct(id: $id) {
        id
        ...BulkActFields
      }
    }
  `,
  [BulkActFields],
);

export default async function BulkActPage({ params }: { params: Promise<{ id: string }> }) {
  const drawing = await drawOrReport(async () => {
    const { id } = await params;
    await requireAdmin(paths.bulkAct(id));
    const { data } = await query({ query: bulkQuery, variables: { id } });
    return data.bulkAct ? <BulkProgress bulk={data.bulkAct} /> : notFound();
  });
  return <ConsolePage {...drawing} />;
}
