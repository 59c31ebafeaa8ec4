// Sessions, for the app's server, and the tickets that open one.

import { Hono } from "hono";
import { z } from "zod";
import { notFound, paramMissing, refusal } from "../errors";
import { newId, randomToken } from "../ids";
import type { SessionRecord, TicketRecord } from "../records";
import { pageJson } from "../resources/lists";
import { sessionForServer, sessionStatus } from "../resources/session";
import { endSession } from "../sessions";
import { sessionToken } from "../tokens";
import type { World } from "../world";
import { type BapiEnv, type Call, pageFields, readBody, readQuery, word } from "./call";

const monthSeconds = 2_592_000;
const listing = z.object({ ...pageFields, client_id: word, user_id: word, status: word });
const ticketFields = z.object({
  user_id: z.string(),
  org_id: z.string().nullish(),
  expires_in_seconds: z.number().int().positive().nullish(),
});

export function sessionRoutes(world: World) {
  const routes = new Hono<BapiEnv>();

  routes.get("/sessions", (call) => {
    const query = readQuery(call, listing);
    const { limit, offset, client_id: clientId, user_id: userId, status } = query;
    if (!clientId && !userId) throw paramMissing("client_id or user_id");
    const candidates = userId
      ? world.state.sessionsByUser.all(userId)
      : world.state.sessionsByClient.all(clientId ?? "");
    const found = candidates
      .filter((each) => !clientId || each.clientId === clientId)
      .filter((each) => !status || sessionStatus(world, each) === status)
      .reverse();
    const page = found.slice(offset, offset + limit).map((each) => sessionForServer(world, each));
    return call.json(query.paginated === "true" ? pageJson(page, found.length) : page);
  });

  routes.get("/sessions/:id", (call) => call.json(sessionForServer(world, find(world, call))));

  routes.post("/sessions/:id/revoke", (call) => {
    const session = find(world, call);
    const isActive = sessionStatus(world, session) === "active";
    const after = isActive ? endSession(world, session, "revoked") : session;
    return call.json(sessionForServer(world, after));
  });

  routes.post("/sessions/:id/tokens", (call) => {
    const session = find(world, call);
    if (sessionStatus(world, session) !== "active") throw notFound("active session", session.id);
    return call.json({ object: "token", jwt: sessionToken(world, session, world.appOrigin) });
  });

  routes.post("/sign_in_tokens", async (call) => {
    const given = await readBody(call, ticketFields);
    if (!world.state.users.get(given.user_id)) throw notFound("user", given.user_id);
    const now = world.clock.now();
    const ticket = world.state.tickets.make({
      id: newId("sit", now),
      userId: given.user_id,
      organizationId: given.org_id ?? null,
      token: randomToken(64),
      status: "pending",
      expiresAt: now + (given.expires_in_seconds ?? monthSeconds) * 1000,
      createdAt: now,
      updatedAt: now,
    });
    return call.json(ticketJson(world, ticket));
  });

  routes.post("/sign_in_tokens/:id/revoke", (call) => {
    const { id } = call.req.param();
    const ticket = world.state.tickets.get(id);
    if (!ticket) throw notFound("sign in token", id);
    if (ticket.status !== "pending") {
      const message = "Only pending sign in tokens can be revoked.";
      throw refusal(400, "sign_in_token_cannot_be_revoked_code", "cannot be revoked", message);
    }
    const updatedAt = world.clock.now();
    const revoked = world.state.tickets.put({ ...ticket, status: "revoked", updatedAt });
    return call.json(ticketJson(world, revoked));
  });

  return routes;
}

function find(world: World, call: Call): SessionRecord {
  const id = call.req.param("id") ?? "";
  const session = world.state.sessions.get(id);
  if (!session) throw notFound("session", id);
  return session;
}

function ticketJson(world: World, ticket: TicketRecord) {
  return {
    object: "sign_in_token",
    id: ticket.id,
    user_id: ticket.userId,
    token: ticket.token,
    status: ticket.status,
    url: `${world.appOrigin}/sign-in?__clerk_ticket=${ticket.token}`,
    created_at: ticket.createdAt,
    updated_at: ticket.updatedAt,
  };
}
