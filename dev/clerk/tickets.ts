// Links that open something once: signing in for a token of the Backend API, joining by an invitation,
// acting for somebody.

import { refusal } from "./errors";
import { newId, randomToken } from "./ids";
import type { TicketRecord } from "./records";
import type { World } from "./world";

export type NewTicket = Pick<TicketRecord, "kind" | "expiresAt"> &
  Partial<Omit<TicketRecord, "id" | "token" | "status" | "createdAt" | "updatedAt">>;

const prefixes = {
  sign_in: "sit",
  actor: "act",
  invitation: "tkt",
  organization_invitation: "tkt",
} as const;

export function createTicket(world: World, given: NewTicket): TicketRecord {
  const now = world.clock.now();
  return world.state.tickets.make({
    id: newId(prefixes[given.kind], now),
    userId: null,
    organizationId: null,
    token: randomToken(64),
    status: "pending",
    createdAt: now,
    updatedAt: now,
    ...given,
  });
}

/** The mailed link: it counts as opened here, then leads on to the app's own page. */
export function ticketUrl(world: World, ticket: TicketRecord): string {
  return `${world.proxyUrl}/v1/tickets/accept?ticket=${ticket.token}`;
}

export function signInUrl(world: World, ticket: TicketRecord): string {
  return `${world.appOrigin}/sign-in?__clerk_ticket=${ticket.token}`;
}

export function requireTicket(world: World, token: string): TicketRecord {
  const ticket = world.state.ticketsByToken.first(token);
  if (!ticket || ticket.status === "revoked") {
    throw refusal(400, "ticket_invalid_code", "is invalid", "The ticket is invalid.");
  }
  if (ticket.status === "accepted") {
    const isToken = ticket.kind === "sign_in";
    const noun = isToken ? "sign in token" : "ticket";
    const used = `This ${noun} has already been used. Each token can only be used once.`;
    const code = isToken ? "sign_in_token_already_used_code" : "ticket_already_used_code";
    throw refusal(400, code, "already used", used);
  }
  if (ticket.expiresAt <= world.clock.now()) {
    throw refusal(400, "ticket_expired_code", "expired", "The ticket has expired.");
  }
  return ticket;
}

export function settleTicket(
  world: World,
  ticket: TicketRecord,
  status: "accepted" | "revoked",
): TicketRecord {
  return world.state.tickets.put({ ...ticket, status, updatedAt: world.clock.now() });
}

export function ticketOfInvitation(world: World, invitationId: string): TicketRecord | undefined {
  return world.state.ticketsByInvitation.first(invitationId);
}
