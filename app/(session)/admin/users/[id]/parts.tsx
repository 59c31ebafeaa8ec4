/** The tabs of a user's page that list what belongs to the user. */
import { ConsolePage } from "@/components/console/console-page";
import { InvitationRow, InvitationsTable } from "@/components/console/invitations-table";
import { MembershipRow, MembershipsTable } from "@/components/console/memberships-table";
import { SessionRow, SessionsTable } from "@/components/console/sessions-table";
import { EmptyState } from "@/components/ui/empty-state";
import { graphql } from "@/lib/document";
import { drawOrReport } from "@/lib/query/draw-or-report";
import { query } from "@/lib/query/query";

const membershipsQuery = graphql(
  `
    query UserMemberships($id: ID!) {
      user(id: $id) {
        id
        memberships {
          id
          ...MembershipRow
        }
      }
    }
  `,
  [MembershipRow],
);

export async function MembershipsPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: membershipsQuery, variables: { id } });
    const memberships = data.user?.memberships ?? [];
    if (memberships.length === 0)
      return <EmptyState>This person is not in an organization.</EmptyState>;
    return <MembershipsTable memberships={memberships} />;
  });
  return <ConsolePage {...drawing} />;
}

const invitationsQuery = graphql(
  `
    query UserInvitations($id: ID!) {
      invitationsOf(userId: $id) {
        id
        ...InvitationRow
      }
    }
  `,
  [InvitationRow],
);

export async function InvitationsPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: invitationsQuery, variables: { id } });
    if (data.invitationsOf.length === 0)
      return <EmptyState>No organization has invited this person.</EmptyState>;
    return <InvitationsTable invitations={data.invitationsOf} />;
  });
  return <ConsolePage {...drawing} />;
}

const sessionsQuery = graphql(
  `
    query UserSessions($id: ID!) {
      sessionsOf(userId: $id) {
        id
        ...SessionRow
      }
    }
  `,
  [SessionRow],
);

export async function SessionsPart({ id }: { id: string }) {
  const drawing = await drawOrReport(async () => {
    const { data } = await query({ query: sessionsQuery, variables: { id } });
    return <SessionsTable sessions={data.sessionsOf} />;
  });
  return <ConsolePage {...drawing} />;
}
