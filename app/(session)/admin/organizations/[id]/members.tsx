import { notFound } from "next/navigation";
import { BulkableActFields } from "@/components/console/bulkable-acts";
import { ConsolePage } from "@/components/console/console-page";
import type { memberControls } from "@/components/console/list-controls";
import { type ListRequestOf, redirectOnRefusedCursor } from "@/components/console/list-request";
import { ListResult } from "@/components/console/list-result";
import { MemberSheet } from "@/components/console/member-sheet";
import { MemberRow, MembersTable } from "@/components/console/members-table";
import { graphql } from "@/lib/document";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";
import { OpenInClerk } from "../../open-in-clerk";

const membersQuery = graphql(
  `
    query OrganizationMembers(
      $id: ID!
      $query: String
      $filter: MemberFilter
      $orderBy: MemberOrder
      $first: Int
      $after: String
      $last: Int
      $before: String
    ) {
      bulkableActs(kind: MEMBERSHIP) {
        ...BulkableActFields
      }
      organization(id: $id) {
        id
        members(
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
              ...MemberRow
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
    }
  `,
  [MemberRow, BulkableActFields],
);

const exportedFields = [
  { id: "name", label: "Name", isOptional: false },
  { id: "email", label: "Email", isOptional: false },
  { id: "role", label: "Role", isOptional: false },
  { id: "state", label: "State", isOptional: false },
  { id: "joined", label: "Joined", isOptional: false },
  { id: "user-id", label: "User id", isOptional: false },
  { id: "membership-id", label: "Membership id", isOptional: true },
];

type MembersRequest = ListRequestOf<typeof memberControls>;

/** Shows one page of the list of an organization's members. The list streams in after the organization's facts. */
export async function Members(props: {
  id: string;
  request: MembersRequest;
  roles: { key: string; name: string }[];
}) {
  const { id, request, roles } = props;
  const drawing = await drawOrReport(async () => {
    const result = query({ query: membersQuery, variables: { id, ...request.variables } });
    const { organization, bulkableActs } = await redirectOnRefusedCursor(result, request);
    if (!organization) notFound();
    const { members } = organization;
    const shown = members.edges.find(({ node }) => node.id === request.layout.shownId);
    return (
      <>
        <ListResult
          what="members"
          empty="This organization has no members. They appear here when they join."
          request={request}
          list={members}
          forSelection={{
            ...{ acts: bulkableActs, roles },
            exported: { list: "members", fields: exportedFields, arguments: { id } },
          }}
        >
          <MembersTable
            memberships={members.edges.map(({ node }) => node)}
            sorting={request.sorting}
            roles={roles}
            layout={request.layout}
          />
        </ListResult>
        {shown && (
          <MemberSheet
            member={shown.node}
            closeHref={request.sheetClosedHref}
            openInClerk={(userId) => <OpenInClerk path={`users/${userId}`} />}
          />
        )}
      </>
    );
  });
  return <ConsolePage {...drawing} />;
}
