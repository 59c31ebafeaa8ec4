import { ConsolePage } from "@/components/console/console-page";
import { HealthListPage } from "@/components/console/health-page";
import { UnreadObjectRow, UnreadObjectsTable } from "@/components/console/unread-objects-table";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Not read at Clerk" };

const unreadQuery = graphql(
  `
    query HealthUnread {
      syncState {
        unreadAtClerk
      }
      unreadObjects {
        ...UnreadObjectRow
      }
    }
  `,
  [UnreadObjectRow],
);

export default async function HealthUnreadPage() {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(paths.syncUnread);
    const { syncState, unreadObjects } = (await query({ query: unreadQuery })).data;
    const shown = unreadObjects.length;
    return (
      <HealthListPage
        title="Not read at Clerk"
        count={Math.max(shown, syncState.unreadAtClerk ?? 0)}
        shown={shown}
        about="Objects that the newest reconciliation could not read, or only in part, with the attributes. Values are not kept."
        empty="The newest reconciliation read everything."
        table={<UnreadObjectsTable objects={unreadObjects} />}
      />
    );
  });
  return <ConsolePage {...drawing} />;
}
