// Serves a browser's client: returns its state at every page load, creates session tokens, and switches and ends its sessions.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { notFound, signedOut } from "../errors";
import { organizationGone } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import { clientJson } from "../sessions/client-json";
import { templateToken } from "../sessions/jwt-templates";
import { sessionForClient } from "../sessions/session-json";
import {
  activateIfReady,
  endSession,
  liveSessions,
  rememberOrganization,
  updateClient,
} from "../sessions/sessions";
import { sessionToken } from "../sessions/tokens";
import type { SessionRecord } from "../store/records";
import {
  type Call,
  callerOrigin,
  clientForEnvelope,
  cookiesFor,
  currentClient,
  type FapiEnv,
  openClient,
  readForm,
  reply,
  withCookies,
} from "./call";

const organizationChoice = z.object({
  active_organization_id: z.string().optional(),
  organization_id: z.string().optional(),
});

export function clientRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/client", (call) => replyClient(context, call));

  for (const method of ["put", "post"] as const) {
    routes[method]("/client", (call) => {
      const client = openClient(context, call);
      return reply(context, call, clientJson(context, client, callerOrigin(context, call)));
    });
  }

  for (const path of ["/client", "/client/sessions"]) {
    routes.delete(path, (call) => {
      const client = currentClient(context, call);
      if (!client) throw signedOut();
      context.state.change(() => {
        for (const each of liveSessions(context, client.id)) endSession(context, each, "removed");
        updateClient(context, client.id, { signInId: null, signUpId: null });
      });
      return replyClient(context, call);
    });
  }

  routes.get("/client/sessions/:id", (call) => replySession(context, call, find(context, call)));

  routes.post("/client/sessions/:id/touch", (call) => {
    const session = find(context, call);
    const { active_organization_id: wanted } = readForm(call, organizationChoice);
    const lastActiveOrganizationId =
      wanted === undefined ? session.lastActiveOrganizationId : member(context, session, wanted);
    const lastActiveAt = context.clock.now();
    const touched = context.state.change(() => {
      updateClient(context, session.clientId, { lastActiveSessionId: session.id });
      const user = context.state.users.get(session.userId);
      if (user) context.state.users.put({ ...user, lastActiveAt });
      const next = { ...session, lastActiveOrganizationId, lastActiveAt };
      // clerk-js always sends the session's organization. Only a different organization is a choice of the user, so only a
      // different one is stored for the user's next session.
      if (lastActiveOrganizationId !== session.lastActiveOrganizationId) {
        rememberOrganization(context, next);
      }
      return activateIfReady(context, context.state.sessions.put(next));
    });
    return replySession(context, call, touched);
  });

  for (const [action, status] of [
    ["end", "ended"],
    ["remove", "removed"],
  ] as const) {
    routes.post(`/client/sessions/:id/${action}`, (call) =>
      replySession(context, call, endSession(context, find(context, call), status)),
    );
  }

  routes.post("/client/sessions/:id/tokens", (call) => {
    const session = find(context, call);
    const { organization_id: wanted } = readForm(call, organizationChoice);
    const azp = callerOrigin(context, call);
    const organizationId = wanted === undefined ? undefined : member(context, session, wanted);
    return replyToken(context, call, sessionToken(context, session, azp, organizationId));
  });

  routes.post("/client/sessions/:id/tokens/:template", (call) => {
    const session = find(context, call);
    const azp = callerOrigin(context, call);
    const { template } = call.req.param();
    return replyToken(context, call, templateToken(context, session, azp, template));
  });

  return routes;
}

function find(context: ClerkContext, call: Call): SessionRecord {
  const client = currentClient(context, call);
  const id = call.req.param("id") ?? "";
  if (!client) throw signedOut();
  const session = liveSessions(context, client.id).find((each) => each.id === id);
  if (!session) throw notFound("session", id);
  return session;
}

/**
 * Returns the id of the organization whose id or slug is `wanted`; null for "", the personal account. Throws unless the user is a
 * member.
 */
function member(context: ClerkContext, session: SessionRecord, wanted: string): string | null {
  if (wanted === "") return null;
  const bySlug = context.state.organizationsBySlug.first(wanted);
  const membership = findMembership(context, bySlug?.id ?? wanted, session.userId);
  if (!membership) throw organizationGone();
  return membership.organizationId;
}

async function replyClient(context: ClerkContext, call: Call): Promise<Response> {
  const cookies = cookiesFor(context, call);
  const response = await clientForEnvelope(context, call);
  return withCookies(call.json({ response, client: null }), cookies);
}

async function replyToken(
  context: ClerkContext,
  call: Call,
  token: Promise<string>,
): Promise<Response> {
  const cookies = cookiesFor(context, call);
  return withCookies(call.json({ object: "token", jwt: await token }), cookies);
}

function replySession(context: ClerkContext, call: Call, session: SessionRecord) {
  return reply(context, call, sessionForClient(context, session, callerOrigin(context, call)));
}
