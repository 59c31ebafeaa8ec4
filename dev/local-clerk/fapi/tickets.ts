// Serves the link of an invitation mail. If the user who is invited to an organization is signed in, accepts the invitation.
// Otherwise redirects to the page that accepts the ticket, with `sign_in` or `sign_up` in the query. Also serves the waitlist.

import { Hono } from "hono";
import { z } from "zod";
import { joinWaitlist } from "../accounts/app-invitations";
import { userWithVerifiedAddress } from "../accounts/identifier-owners";
import { requireTicket } from "../accounts/tickets";
import { requireEmailAddress } from "../authentication/formats";
import type { ClerkContext } from "../context";
import { paramMissing } from "../errors";
import { acceptInvitation } from "../organizations/invitations";
import { liveSessions, rememberOrganization } from "../sessions/sessions";
import { type Call, cookiesFor, currentClient, type FapiEnv, readForm, withCookies } from "./call";
import { text } from "./form";
import { requireOwnUrl } from "./own-url";

export function ticketRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/tickets/accept", (call) => {
    const ticket = requireTicket(context, call.req.query("ticket") ?? "");
    const { appInvitations, invitations } = context.state;
    const invitation =
      invitations.get(ticket.invitationId) ?? appInvitations.get(ticket.invitationId);
    // `requireOwnUrl` throws for a URL outside the app. It runs before `acceptIfSignedIn`, so after the error the user has not
    // joined.
    const target = requireOwnUrl(context, invitation?.redirectUrl ?? "/sign-in");
    if (acceptIfSignedIn(context, call, ticket.invitationId)) {
      target.searchParams.set("__clerk_status", "complete");
      return call.redirect(target.href, 303);
    }
    const isKnown =
      ticket.userId !== null || userWithVerifiedAddress(context, invitation?.emailAddress ?? "");
    if (!invitation?.redirectUrl && !isKnown) target.pathname = "/sign-up";
    target.searchParams.set("__clerk_ticket", ticket.token);
    target.searchParams.set("__clerk_status", isKnown ? "sign_in" : "sign_up");
    return call.redirect(target.href, 303);
  });

  routes.post("/waitlist", (call) => {
    const { email_address: given } = readForm(call, z.object({ email_address: text }));
    if (!given) throw paramMissing("email_address");
    const entry = joinWaitlist(context, requireEmailAddress(given));
    // This response has no envelope, as in Clerk's published description and SDK.
    const response = call.json({ object: "waitlist_entry", id: entry.id });
    return withCookies(response, cookiesFor(context, call));
  });

  return routes;
}

/** Accepts the invitation if the invited user is signed in. Returns whether it was accepted. */
function acceptIfSignedIn(context: ClerkContext, call: Call, invitationId: string | null): boolean {
  const invitation = context.state.invitations.get(invitationId);
  const user = userWithVerifiedAddress(context, invitation?.emailAddress ?? "");
  const client = currentClient(context, call);
  const sessions = client ? liveSessions(context, client.id) : [];
  const session = sessions.find(({ userId }) => userId === user?.id);
  if (!invitation || !user || !session) return false;
  const { organizationId } = acceptInvitation(context, invitation, user);
  const chosen = { ...session, lastActiveOrganizationId: organizationId };
  context.state.sessions.put(chosen);
  rememberOrganization(context, chosen);
  return true;
}
