import { BulkableActFields } from "@/components/console/bulkable-acts";
import { ConsolePage } from "@/components/console/console-page";
import { InvitationKinds } from "@/components/console/invitation-kinds";
import { InvitationSheet } from "@/components/console/invitation-sheet";
import {
  InvitationRow,
  InvitationsTable,
  invitationColumns,
} from "@/components/console/invitations-table";
import { invitationControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import { parseListRequest, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { ListTools } from "@/components/console/list-tools";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { rememberedLayout } from "@/lib/query/remembered-layout";
import { OpenInClerk } from "../../open-in-clerk";

export const metadata = { title: "Invitations" };

const invitationsQuery = graphql(
  `
    query Invitations(
      $query: String
      $filter: InvitationFilter
      $orderBy: InvitationOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      bulkableActs(kind: INVITATION) {
        ...BulkableActFields
      }
      invitations(
        query: $query
        filter: $filter
        orderBy: $orderBy
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        count {
          number
          precision
        }
        edges {
          node {
            id
            ...InvitationRow
          }
        }
        pageInfo {
          hasNextPage
          hasPreviousPage
          startCursor
          endCursor
        }
      }
    }
  `,
  [InvitationRow, BulkableActFields],
);

const path = paths.invitations;

export default async function InvitationsPage({
  searchParams,
}: {
  searchParams: Promise<unknown>;
}) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(
      path,
      searchParams,
      invitationControls,
      invitationColumns,
      rememberedLayout("INVITATIONS"),
    );
    const { invitations, bulkableActs } = await redirectOnRefusedCursor(
      query({ query: invitationsQuery, variables: request.variables }),
      request,
    );
    const shown = invitations.edges.find(({ node }) => node.id === request.layout.shownId);
    return (
      <ListPage
        title="Invitations"
        count={invitations.count}
        tools={
          <>
            <InvitationKinds current="organizations" />
            <ListTools
              searchLabel="Search by e-mail address"
              request={request}
              controls={invitationControls}
              table={{
                list: "INVITATIONS",
                columns: invitationColumns,
                exported: { list: "invitations", nameField: { id: "email", label: "Email" } },
              }}
            />
          </>
        }
      >
        <ListResult
          what="invitations"
          empty="No invitations yet. They appear here when an organization sends one."
          request={request}
          list={invitations}
          forSelection={{
            acts: bulkableActs,
            exported: {
              list: "invitations",
              fields: [{ id: "email", label: "Email", isOptional: false }, ...invitationColumns],
            },
          }}
        >
          <InvitationsTable
            invitations={invitations.edges.map(({ node }) => node)}
            sorting={request.sorting}
            layout={request.layout}
          />
        </ListResult>
        {shown && (
          <InvitationSheet
            invitation={shown.node}
            closeHref={request.sheetClosedHref}
            openInClerk={(id) => <OpenInClerk path={`organizations/${id}`} />}
          />
        )}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
