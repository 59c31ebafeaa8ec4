/** Finds the invitation for which a sign-in or sign-up page was opened. */
import "server-only";
import { z } from "zod";
import { graphql } from "../document";
import { log } from "../log";
import { query } from "./query";

const greetingQuery = graphql(`
  query InvitationGreeting($ticket: String!) {
    invitationGreeting(ticket: $ticket) {
      organizationName
      organizationImageUrl
      inviterName
    }
  }
`);

const parameters = z.object({ __clerk_ticket: z.string().max(4_000).optional().catch(undefined) });

/**
 * Resolves to the invitation whose ticket is in the page's URL. Null without a ticket. Null also during an outage, because the
 * form must render without the greeting.
 */
export async function findInvitationGreeting(searchParams: unknown) {
  const { __clerk_ticket: ticket } = parameters.parse(searchParams);
  if (ticket === undefined) return null;
  try {
    const { data } = await query({ query: greetingQuery, variables: { ticket } });
    return data.invitationGreeting;
  } catch (error) {
    log.error("the invitation of a link was not found", {}, error);
    return null;
  }
}
