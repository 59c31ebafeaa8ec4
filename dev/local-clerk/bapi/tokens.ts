// The Backend API's operations on sign-in tokens, actor tokens and testing tokens.

import { Hono } from "hono";
import { z } from "zod";
import { createTicket, settleTicket, signInUrl } from "../accounts/tickets";
import type { ClerkContext } from "../context";
import { notFound, refusal } from "../errors";
import { randomToken } from "../ids";
import { organizationGone } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import type { TicketRecord } from "../store/records";
import { type BapiEnv, type Call, nothing, readBody } from "./call";

const [hourSeconds, monthSeconds] = [3_600, 2_592_000];
const seconds = z.number().int().positive().nullish();
const signInForm = z.object({
  user_id: z.string(),
  org_id: z.string().nullish(),
  expires_in_seconds: seconds,
});
const actorForm = z.object({
  user_id: z.string(),
  actor: z.looseObject({ sub: z.string() }),
  expires_in_seconds: seconds,
  session_max_duration_in_seconds: seconds,
});

export function tokenRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.post("/sign_in_tokens", (call) => {
    const given = readBody(call, signInForm);
    requireUserId(context, given.user_id);
    if (given.org_id && !findMembership(context, given.org_id, given.user_id)) {
      throw organizationGone();
    }
    const ticket = createTicket(context, {
      kind: "sign_in",
      userId: given.user_id,
      organizationId: given.org_id ?? null,
      expiresAt: context.clock.now() + (given.expires_in_seconds ?? monthSeconds) * 1000,
    });
    return call.json(ticketJson(context, ticket));
  });

  routes.post("/actor_tokens", (call) => {
    const given = readBody(call, actorForm);
    const ticket = createTicket(context, {
      kind: "actor",
      userId: requireUserId(context, given.user_id),
      actor: given.actor,
      sessionSeconds: given.session_max_duration_in_seconds ?? hourSeconds / 2,
      expiresAt: context.clock.now() + (given.expires_in_seconds ?? hourSeconds) * 1000,
    });
    return call.json(ticketJson(context, ticket));
  });

  for (const [path, kind] of [
    ["/sign_in_tokens/:id/revoke", "sign_in"],
    ["/actor_tokens/:id/revoke", "actor"],
  ] as const) {
    routes.post(path, (call) => {
      readBody(call, nothing);
      const ticket = find(context, call, kind);
      if (ticket.status !== "pending") {
        const message = `Only pending ${kind.replace("_", " ")} tokens can be revoked.`;
        throw refusal(400, `${kind}_token_cannot_be_revoked_code`, "cannot be revoked", message);
      }
      return call.json(ticketJson(context, settleTicket(context, ticket, "revoked")));
    });
  }

  routes.post("/testing_tokens", (call) => {
    readBody(call, nothing);
    return call.json({
      object: "testing_token",
      token: randomToken(48),
      expires_at: Math.floor(context.clock.now() / 1000) + hourSeconds,
    });
  });

  return routes;
}

function requireUserId(context: ClerkContext, id: string): string {
  if (!context.state.users.get(id)) throw notFound("user", id);
  return id;
}

function find(context: ClerkContext, call: Call, kind: TicketRecord["kind"]): TicketRecord {
  const id = call.req.param("id") ?? "";
  const ticket = context.state.tickets.get(id);
  if (ticket?.kind !== kind) throw notFound(`${kind.replace("_", " ")} token`, id);
  return ticket;
}

function ticketJson(context: ClerkContext, ticket: TicketRecord) {
  const isActor = ticket.kind === "actor";
  return {
    object: isActor ? "actor_token" : "sign_in_token",
    id: ticket.id,
    user_id: ticket.userId,
    ...(isActor ? { actor: ticket.actor } : {}),
    token: ticket.token,
    status: ticket.status,
    url: signInUrl(context, ticket),
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt,
  };
}
