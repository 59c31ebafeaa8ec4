// API keys that users create for themselves and for their organizations, in Clerk's component or by clerk-js. Unlike the rest of
// the Frontend API, these operations take JSON, and are authorized by a session token.

import { createPublicKey } from "node:crypto";
import { Hono } from "hono";
import { jwtVerify } from "jose";
import { z } from "zod";
import { createApiKey, listApiKeys, requireApiKey, revokeApiKey } from "../accounts/api-keys";
import type { ClerkContext } from "../context";
import { parseInput, parseJson } from "../error-response";
import { notFound, paramMissing, refusal, signedOut } from "../errors";
import { permissionKeys } from "../instance/roles";
import { permissionMissing } from "../organizations/errors";
import { findMembership } from "../organizations/organizations";
import { apiKeyJson } from "../resources/api-key";
import { pageJson } from "../resources/lists";
import { isLive } from "../sessions/sessions";
import type { ApiKeyRecord } from "../store/records-machines";
import type { Call, FapiEnv } from "./call";

/** Clerk does not publish which permission an organization's API keys need; its admins have this one. */
const permission = "org:sys_profile:manage";

const description = z.string().max(255).nullish();
const creation = z.object({
  type: z.string().min(3).max(25).default("api_key"),
  name: z.string().min(3),
  subject: z.string(),
  description,
  seconds_until_expiration: z.number().positive().nullish(),
});
const revocation = z.object({ revocation_reason: z.string().nullish() });

export function apiKeyRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/api_keys", async (call) => {
    const { subject, type, query, include_invalid, limit = "10", offset = "0" } = call.req.query();
    if (!subject) throw paramMissing("subject");
    await requireAccess(context, call, subject);
    const includesInvalid = include_invalid === "true";
    const found = listApiKeys(context, { subject, type, query, includesInvalid });
    const page = found.slice(Number(offset), Number(offset) + Number(limit));
    return call.json(
      pageJson(
        page.map((each) => apiKeyJson(context, each)),
        found.length,
      ),
    );
  });

  routes.post("/api_keys", async (call) => {
    const given = parseInput(creation, parseJson(await call.req.text()));
    const userId = await requireAccess(context, call, given.subject);
    const key = createApiKey(context, {
      type: given.type,
      subject: given.subject,
      name: given.name,
      description: given.description ?? null,
      claims: null,
      scopes: [],
      createdBy: userId,
      secondsUntilExpiration: given.seconds_until_expiration ?? null,
    });
    return call.json({ ...apiKeyJson(context, key), secret: key.secret }, 201);
  });

  routes.patch("/api_keys/:id", async (call) => {
    const given = parseInput(z.object({ description }), parseJson(await call.req.text()));
    const key = await requireOwnKey(context, call);
    const updated = { ...key, updatedAt: context.clock.now() };
    if (given.description !== undefined) updated.description = given.description;
    return call.json(apiKeyJson(context, context.state.apiKeys.put(updated)));
  });

  routes.post("/api_keys/:id/revoke", async (call) => {
    const given = parseInput(revocation, parseJson((await call.req.text()) || "{}"));
    const key = await requireOwnKey(context, call);
    const revoked = revokeApiKey(context, key, given.revocation_reason ?? null);
    return call.json(apiKeyJson(context, revoked));
  });

  return routes;
}

/** Resolves to the user's id. Throws unless `subject` is the user, or an organization whose API keys the user may manage. */
async function requireAccess(context: ClerkContext, call: Call, subject: string): Promise<string> {
  if (!context.settings.hasApiKeys) {
    throw refusal(422, "api_keys_not_enabled", "API Keys not enabled");
  }
  const userId = await callingUserId(context, call);
  if (subject === userId) return userId;
  const membership = findMembership(context, subject, userId);
  if (!membership) throw notFound("user or organization", subject);
  if (!permissionKeys(context, membership.role).includes(permission)) {
    throw permissionMissing(permission);
  }
  return userId;
}

async function requireOwnKey(context: ClerkContext, call: Call): Promise<ApiKeyRecord> {
  const id = call.req.param("id") ?? "";
  const key = requireApiKey(context, id);
  await requireAccess(context, call, key.subject);
  return requireApiKey(context, id);
}

/** Resolves to the user of the session token in the `authorization` header. */
async function callingUserId(context: ClerkContext, call: Call): Promise<string> {
  const token = call.req.header("authorization")?.replace(/^Bearer /, "") ?? "";
  const sessionId = await sessionIdOf(context, token);
  // Reads the session after the `await`, because it may have ended meanwhile.
  const session = context.state.sessions.get(sessionId);
  if (!session || !isLive(context, session)) throw signedOut();
  return session.userId;
}

async function sessionIdOf(context: ClerkContext, token: string): Promise<string | undefined> {
  try {
    const { payload } = await jwtVerify(token, createPublicKey(context.keys.privateKey), {
      algorithms: ["RS256"],
      currentDate: new Date(context.clock.now()),
    });
    return z.string().parse(payload.sid);
  } catch {
    return undefined;
  }
}
