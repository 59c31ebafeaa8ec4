// The Backend API's operations on sessions.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound, paramMissing, signedOut } from "../errors";
import { organizationGone } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import { pageJson } from "../resources/lists";
import { clientForServer } from "../sessions/client-json";
import { templateToken } from "../sessions/jwt-templates";
import { refreshedCookies, refreshSessionToken } from "../sessions/refresh";
import { sessionForServer, sessionStatus } from "../sessions/session-json";
import { createClient, endSession, startSession } from "../sessions/sessions";
import { sessionToken } from "../sessions/tokens";
import type { SessionRecord } from "../store/records";
import { type BapiEnv, type Call, nothing, pageFields, readBody, readQuery, word } from "./call";

const listing = z.object({ ...pageFields, client_id: word, user_id: word, status: word });
const refreshing = z.object({
  expired_token: z.string(),
  refresh_token: z.string(),
  request_origin: z.string(),
  request_headers: z.record(z.string(), z.unknown()).nullish(),
  request_originating_ip: z.string().nullish(),
  format: z.enum(["token", "cookie"]).nullish(),
});

const lifetime = z.object({
  expires_in_seconds: z.number().int().min(30).max(315_360_000).nullish(),
});

export function sessionRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/sessions", (call) => {
    const query = readQuery(call, listing);
    const { limit, offset, client_id: clientId, user_id: userId, status } = query;
    if (!clientId && !userId) throw paramMissing("client_id or user_id");
    const candidates = userId
      ? context.state.sessionsByUser.all(userId)
      : context.state.sessionsByClient.all(clientId ?? "");
    const found = candidates
      .filter((each) => !clientId || each.clientId === clientId)
      .filter((each) => !status || sessionStatus(context, each) === status)
      .reverse();
    const page = found.slice(offset, offset + limit).map((each) => sessionForServer(context, each));
    return call.json(query.paginated === "true" ? pageJson(page, found.length) : page);
  });

  routes.get("/sessions/:id", (call) => call.json(sessionForServer(context, find(context, call))));

  routes.post("/sessions/:id/revoke", (call) => {
    readBody(call, nothing);
    const session = find(context, call);
    const isActive = sessionStatus(context, session) === "active";
    const after = isActive ? endSession(context, session, "revoked") : session;
    return call.json(sessionForServer(context, after));
  });

  routes.post("/sessions/:id/refresh", async (call) => {
    const session = context.state.sessions.get(call.req.param("id"));
    const given = readBody(call, refreshing);
    if (!session) throw signedOut();
    const jwt = await refreshSessionToken(context, {
      sessionId: session.id,
      expiredToken: given.expired_token,
      refreshToken: given.refresh_token,
      origin: given.request_origin,
    });
    return call.json(
      given.format === "cookie"
        ? { object: "cookies", cookies: refreshedCookies(context, session, jwt) }
        : { object: "token", jwt },
    );
  });

  routes.post("/sessions/:id/tokens", async (call) => {
    const session = find(context, call);
    const seconds = readBody(call, lifetime).expires_in_seconds ?? undefined;
    if (sessionStatus(context, session) !== "active") throw notFound("active session", session.id);
    const jwt = await sessionToken(context, session, context.appOrigin, undefined, seconds);
    return call.json({ object: "token", jwt });
  });

  routes.post("/sessions/:id/tokens/:template", async (call) => {
    const session = find(context, call);
    const seconds = readBody(call, lifetime).expires_in_seconds ?? undefined;
    if (sessionStatus(context, session) !== "active") throw notFound("active session", session.id);
    const { template } = call.req.param();
    const jwt = await templateToken(context, session, context.appOrigin, template, seconds);
    return call.json({ object: "token", jwt });
  });

  routes.post("/sessions", (call) => {
    const form = z.object({ user_id: z.string(), active_organization_id: z.string().nullish() });
    const { user_id: userId, active_organization_id: organizationId } = readBody(call, form);
    const user = context.state.users.get(userId);
    if (!user) throw notFound("user", userId);
    const lastActiveOrganizationId = organizationId ?? null;
    if (organizationId && !findMembership(context, organizationId, userId))
      throw organizationGone();
    const given = { lastActiveOrganizationId };
    const session = startSession(context, createClient(context).id, user, "ticket", given);
    return call.json(sessionForServer(context, session));
  });

  routes.get("/clients", (call) => {
    const { limit, offset, paginated } = readQuery(call, z.object(pageFields));
    const all = [...context.state.clients.all()].reverse();
    const page = all.slice(offset, offset + limit).map((each) => clientForServer(context, each));
    return call.json(paginated === "true" ? pageJson(page, all.length) : page);
  });

  /** Finds the client by the value of a browser's `__client` cookie. */
  routes.post("/clients/verify", (call) => {
    const { token } = readBody(call, z.object({ token: z.string() }));
    const client = context.state.clientsByToken.first(token);
    if (!client) throw notFound("client", token);
    return call.json(clientForServer(context, client));
  });

  routes.get("/clients/:id", (call) => {
    const { id } = call.req.param();
    const client = context.state.clients.get(id);
    if (!client) throw notFound("client", id);
    return call.json(clientForServer(context, client));
  });

  return routes;
}

function find(context: ClerkContext, call: Call): SessionRecord {
  const id = call.req.param("id") ?? "";
  const session = context.state.sessions.get(id);
  if (!session) throw notFound("session", id);
  return session;
}
