import { z } from "zod";
import { ActButton } from "@/components/console/act-button";
import { AppInvitationRow, AppInvitationsTable } from "@/components/console/app-invitations-table";
import { CrumbName } from "@/components/console/breadcrumbs";
import { ConsolePage } from "@/components/console/console-page";
import { InvitationKinds } from "@/components/console/invitation-kinds";
import { hrefOf } from "@/components/console/list-href";
import { ListPage } from "@/components/console/list-page";
import { searchText } from "@/components/list-page";
import { EmptyState } from "@/components/ui/empty-state";
import { Pager } from "@/components/ui/pager";
import { SearchField } from "@/components/ui/search-field";
import { graphql } from "@/lib/document";
import { formatCount } from "@/lib/format";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

export const metadata = { title: "Invitations to the app" };

const appInvitationsQuery = graphql(
  `
    query AppInvitations($query: String, $offset: Int) {
      appInvitations(query: $query, offset: $offset) {
        totalCount
        error
        invitations {
          id
          ...AppInvitationRow
        }
      }
    }
  `,
  [AppInvitationRow],
);

const parameters = z.object({
  q: searchText(200),
  from: z.coerce.number().int().min(0).max(1_000_000).catch(0),
});

/** As many as the API returns at once. */
const PAGE = 50;

export default async function AppInvitationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    const path = paths.appInvitations;
    await requireAdmin(path);
    const { q, from } = parameters.parse(await searchParams);
    const { data } = await query({
      query: appInvitationsQuery,
      variables: { query: q || null, offset: from },
    });
    const { invitations, totalCount, error } = data.appInvitations;
    const hrefFrom = (next: number) =>
      hrefOf(path, { ...(q && { q }), ...(next > 0 && { from: String(next) }) });
    return (
      <ListPage
        title="Invitations"
        count={error === null ? totalCount : 0}
        acts={
          <ActButton name="INSTANCE_INVITE" kind="INSTANCE" variant="primary">
            Invite…
          </ActButton>
        }
        tools={
          <>
            <CrumbName name="To the app" />
            <InvitationKinds current="app" />
            <SearchField label="Search by e-mail address" value={q} />
          </>
        }
      >
        {error !== null ? (
          <p role="alert" className="rounded-control bg-warn-quiet px-3 py-2 text-warn">
            {error} Rollcall reads these invitations from Clerk, which sends no webhooks about them.
          </p>
        ) : invitations.length > 0 ? (
          <>
            <AppInvitationsTable invitations={invitations} />
            <Pager
              previous={from > 0 ? hrefFrom(Math.max(0, from - PAGE)) : null}
              next={from + invitations.length < totalCount ? hrefFrom(from + PAGE) : null}
              range={`${formatCount(from + 1)}–${formatCount(from + invitations.length)} of ${formatCount(totalCount)}`}
            />
          </>
        ) : (
          <EmptyState>
            {q
              ? "No invitation to the app matches this address."
              : "No invitations to the app. Invite someone by e-mail; they can then sign up."}
          </EmptyState>
        )}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
