// The browser itself: what it is told at every page load, and the sessions in it — tokens, switching,
// leaving.

import { Hono } from "hono";
import { z } from "zod";
import type { World } from "../context";
import { notFound, signedOut } from "../errors";
import { organizationGone } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import { clientJson } from "../sessions/client-json";
import { templateToken } from "../sessions/jwt-templates";
import { sessionForClient } from "../sessions/session-json";
import { endSession, liveSessions, settled, updateClient } from "../sessions/sessions";
import { sessionToken } from "../sessions/tokens";
import type { SessionRecord } from "../store/records";
import {
  type Call,
  callerOrigin,
  currentClient,
  type FapiEnv,
  openClient,
  piggyback,
  readForm,
  reply,
  withCookies,
} from "./call";

const organizationChoice = z.object({
  active_organization_id: z.string().optional(),
  organization_id: z.string().optional(),
});

export function clientRoutes(world: World) {
  const routes = new Hono<FapiEnv>();

  routes.get("/client", (call) =>
    withCookies(world, call, call.json({ response: piggyback(world, call), client: null })),
  );

  for (const method of ["put", "post"] as const) {
    routes[method]("/client", (call) => {
      const client = openClient(world, call);
      return reply(world, call, clientJson(world, client, callerOrigin(world, call)));
    });
  }

  for (const path of ["/client", "/client/sessions"]) {
    routes.delete(path, (call) => {
      const client = currentClient(world, call);
      if (!client) throw signedOut();
      world.state.change(() => {
        for (const each of liveSessions(world, client.id)) endSession(world, each, "removed");
        updateClient(world, client.id, { signInId: null, signUpId: null });
      });
      const body = { response: piggyback(world, call), client: null };
      return withCookies(world, call, call.json(body));
    });
  }

  routes.get("/client/sessions/:id", (call) => replySession(world, call, find(world, call)));

  routes.post("/client/sessions/:id/touch", (call) => {
    const session = find(world, call);
    const { active_organization_id: wanted } = readForm(call, organizationChoice);
    const lastActiveOrganizationId =
      wanted === undefined ? session.lastActiveOrganizationId : member(world, session, wanted);
    const lastActiveAt = world.clock.now();
    const touched = world.state.change(() => {
      updateClient(world, session.clientId, { lastActiveSessionId: session.id });
      const user = world.state.users.get(session.userId);
      if (user) world.state.users.put({ ...user, lastActiveAt });
      const next = { ...session, lastActiveOrganizationId, lastActiveAt };
      return settled(world, world.state.sessions.put(next));
    });
    return replySession(world, call, touched);
  });

  for (const [action, status] of [
    ["end", "ended"],
    ["remove", "removed"],
  ] as const) {
    routes.post(`/client/sessions/:id/${action}`, (call) =>
      replySession(world, call, endSession(world, find(world, call), status)),
    );
  }

  routes.post("/client/sessions/:id/tokens", (call) => {
    const session = find(world, call);
    const { organization_id: wanted } = readForm(call, organizationChoice);
    const azp = callerOrigin(world, call);
    const organizationId = wanted === undefined ? undefined : member(world, session, wanted);
    const jwt = sessionToken(world, session, azp, organizationId);
    return withCookies(world, call, call.json({ object: "token", jwt }));
  });

  routes.post("/client/sessions/:id/tokens/:template", (call) => {
    const session = find(world, call);
    const azp = callerOrigin(world, call);
    const jwt = templateToken(world, session, azp, call.req.param("template"));
    return withCookies(world, call, call.json({ object: "token", jwt }));
  });

  return routes;
}

function find(world: World, call: Call): SessionRecord {
  const client = currentClient(world, call);
  const id = call.req.param("id") ?? "";
  if (!client) throw signedOut();
  const session = liveSessions(world, client.id).find((each) => each.id === id);
  if (!session) throw notFound("session", id);
  return session;
}

/** The organization's id or slug, for a member; nothing for the personal workspace. */
function member(world: World, session: SessionRecord, wanted: string): string | null {
  if (wanted === "") return null;
  const bySlug = world.state.organizationsBySlug.first(wanted);
  const membership = findMembership(world, bySlug?.id ?? wanted, session.userId);
  if (!membership) throw organizationGone();
  return membership.organizationId;
}

function replySession(world: World, call: Call, session: SessionRecord): Response {
  return reply(world, call, sessionForClient(world, session, callerOrigin(world, call)));
}
