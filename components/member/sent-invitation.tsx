"use client";

import { useQuery } from "@apollo/client/react";
import { useEffect } from "react";
import { Badge } from "@/components/ui/badge";
import { graphql } from "@/lib/document";
import { type Invited, invitedMessage } from "./act-message";

const sentQuery = graphql(`
  query SentInvitation($organizationId: ID!, $email: String!) {
    invitations(organizationId: $organizationId, query: $email, first: 20) {
      edges {
        node {
          id
        }
      }
    }
  }
`);

/**
 * Shows that an invitation was sent, and that it is pending at Clerk until its webhook has arrived. `readAt` changes with each
 * change of the mirror; the invitation is then queried again.
 */
export function SentInvitation(props: {
  organizationId: string;
  invited: Invited;
  readAt: unknown;
}) {
  const { organizationId, invited, readAt } = props;
  const { data, refetch } = useQuery(sentQuery, {
    variables: { organizationId, email: invited.email },
    fetchPolicy: "no-cache",
  });
  const isMirrored = data?.invitations.edges.some(({ node }) => node.id === invited.id) ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new value of readAt is the reason to look again
  useEffect(() => {
    // A failed query is repeated at the next change.
    if (!isMirrored) refetch().catch(() => undefined);
  }, [readAt, isMirrored, refetch]);
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-md text-ink-soft">
      <span role="status" className="wrap-anywhere">
        {invitedMessage(invited)}
      </span>
      {!isMirrored && <Badge tone="wait">Pending at Clerk</Badge>}
    </p>
  );
}
