import { ActButton } from "@/components/console/act-button";
import { BulkableActFields } from "@/components/console/bulkable-acts";
import { ConsolePage } from "@/components/console/console-page";
import { userControls } from "@/components/console/list-controls";
import { ListPage } from "@/components/console/list-page";
import { parseListRequest, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { ListTools } from "@/components/console/list-tools";
import { UserRow, UsersTable, userColumns } from "@/components/console/users-table";
import { graphql } from "@/lib/document";
import { requireAdmin } from "@/lib/identity/current-viewer";
import { paths } from "@/lib/paths";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { rememberedLayout } from "@/lib/query/remembered-layout";
import { UserSheet } from "./user-sheet";

export const metadata = { title: "People" };

const usersQuery = graphql(
  `
    query Users(
      $query: String
      $filter: UserFilter
      $orderBy: UserOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      bulkableActs(kind: USER) {
        ...BulkableActFields
      }
      users(
        query: $query
        filter: $filter
        orderBy: $orderBy
        orSimilar: true
        first: $first
        after: $after
        last: $last
        before: $before
      ) {
        isSimilar
        count {
          number
          precision
        }
        edges {
          node {
            id
            ...UserRow
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
  [UserRow, BulkableActFields],
);

const path = paths.users;

export default async function UsersPage({ searchParams }: { searchParams: Promise<unknown> }) {
  const drawing = await drawOrReport(async () => {
    await requireAdmin(path);
    const request = await parseListRequest(
      path,
      searchParams,
      userControls,
      userColumns,
      rememberedLayout("USERS"),
    );
    const { users, bulkableActs } = await redirectOnRefusedCursor(
      query({ query: usersQuery, variables: request.variables }),
      request,
    );
    return (
      <ListPage
        title="People"
        count={users.count}
        acts={
          <>
            <ActButton name="INSTANCE_INVITE" kind="INSTANCE">
              Invite…
            </ActButton>
            <ActButton name="USER_CREATE" kind="INSTANCE" variant="primary">
              Create user…
            </ActButton>
          </>
        }
        tools={
          <ListTools
            searchLabel="Search people"
            request={request}
            controls={userControls}
            table={{
              list: "USERS",
              columns: userColumns,
              exported: { list: "users", nameField: { id: "name", label: "Name" } },
            }}
          />
        }
      >
        <ListResult
          what="people"
          empty="No people yet. A person appears here as soon as they sign up."
          request={request}
          list={users}
          forSelection={{
            acts: bulkableActs,
            exported: {
              list: "users",
              fields: [{ id: "name", label: "Name", isOptional: false }, ...userColumns],
            },
          }}
        >
          <UsersTable
            users={users.edges.map(({ node }) => node)}
            sorting={request.sorting}
            layout={request.layout}
          />
        </ListResult>
        {request.layout.shownId && (
          <UserSheet id={request.layout.shownId} closeHref={request.sheetClosedHref} />
        )}
      </ListPage>
    );
  });
  return <ConsolePage {...drawing} />;
}
