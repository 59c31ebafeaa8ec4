// The Backend API's operations on API keys.

import { Hono } from "hono";
import { z } from "zod";
import {
  createApiKey,
  expirationAfter,
  isExpired,
  listApiKeys,
  requireApiKey,
  requireSubject,
  revokeApiKey,
} from "../accounts/api-keys";
import type { ClerkContext } from "../context";
import { notFound, paramMissing } from "../errors";
import { apiKeyJson } from "../resources/api-key";
import { deletedJson, pageJson } from "../resources/lists";
import { type BapiEnv, metadata, nothing, pageFields, readBody, readQuery, word } from "./call";

const changes = {
  claims: metadata.nullish(),
  scopes: z.array(z.string()).optional(),
  description: z.string().max(255).nullish(),
  seconds_until_expiration: z.number().positive().nullish(),
};
const creation = z.object({
  ...changes,
  type: z.string().min(3).max(25).default("api_key"),
  name: z.string().min(3),
  subject: z.string(),
  created_by: z.string().nullish(),
});
const update = z.object({ ...changes, subject: z.string().optional() });
export const revocation = z.object({ revocation_reason: z.string().nullish() });
const listing = z.object({
  limit: pageFields.limit,
  offset: pageFields.offset,
  subject: word,
  type: word,
  query: word,
  include_invalid: word,
});

export function apiKeyRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/api_keys", (call) => {
    const { limit, offset, subject, type, query, include_invalid } = readQuery(call, listing);
    if (!subject) throw paramMissing("subject");
    const includesInvalid = include_invalid === "true";
    const found = listApiKeys(context, { subject, type, query, includesInvalid });
    const page = found.slice(offset, offset + limit).map((each) => apiKeyJson(context, each));
    return call.json(pageJson(page, found.length));
  });

  routes.post("/api_keys", (call) => {
    const given = readBody(call, creation);
    const key = createApiKey(context, {
      type: given.type,
      subject: given.subject,
      name: given.name,
      description: given.description ?? null,
      claims: given.claims ?? null,
      scopes: given.scopes ?? [],
      createdBy: given.created_by ?? null,
      secondsUntilExpiration: given.seconds_until_expiration ?? null,
    });
    return call.json({ ...apiKeyJson(context, key), secret: key.secret });
  });

  /** Refuses secrets that are unknown, revoked or expired, and secrets whose user or organization was deleted. */
  routes.post("/api_keys/verify", (call) => {
    const { secret } = readBody(call, z.object({ secret: z.string() }));
    const key = context.state.apiKeysBySecret.first(secret);
    const { users, organizations } = context.state;
    const owner = key && (users.get(key.subject) ?? organizations.get(key.subject));
    if (!owner || key.isRevoked || isExpired(context, key)) throw notFound("API key", secret);
    const used = context.state.apiKeys.put({ ...key, lastUsedAt: context.clock.now() });
    return call.json(apiKeyJson(context, used));
  });

  routes.get("/api_keys/:id", (call) =>
    call.json(apiKeyJson(context, requireApiKey(context, call.req.param("id")))),
  );

  routes.get("/api_keys/:id/secret", (call) =>
    call.json({ secret: requireApiKey(context, call.req.param("id")).secret }),
  );

  routes.patch("/api_keys/:id", (call) => {
    const key = requireApiKey(context, call.req.param("id"));
    const given = readBody(call, update);
    if (given.subject) requireSubject(context, given.subject);
    const seconds = given.seconds_until_expiration;
    const updated = context.state.apiKeys.put({
      ...key,
      subject: given.subject ?? key.subject,
      claims: given.claims === undefined ? key.claims : given.claims,
      scopes: given.scopes ?? key.scopes,
      description: given.description === undefined ? key.description : given.description,
      expiration: seconds === undefined ? key.expiration : expirationAfter(context, seconds),
      updatedAt: context.clock.now(),
    });
    return call.json(apiKeyJson(context, updated));
  });

  routes.delete("/api_keys/:id", (call) => {
    const { id } = requireApiKey(context, call.req.param("id"));
    readBody(call, nothing);
    context.state.apiKeys.drop(id);
    return call.json(deletedJson("api_key", id));
  });

  routes.post("/api_keys/:id/revoke", (call) => {
    const key = requireApiKey(context, call.req.param("id"));
    const reason = readBody(call, revocation).revocation_reason ?? null;
    return call.json(apiKeyJson(context, revokeApiKey(context, key, reason)));
  });

  return routes;
}
