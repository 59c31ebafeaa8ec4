// The Backend API's operations on JWT templates. A template describes tokens with the app's own claims, for other services.

import { Hono } from "hono";
import { z } from "zod";
import type { ClerkContext } from "../context";
import { identifierTaken, notFound, paramInvalid } from "../errors";
import { newId } from "../ids";
import { deletedJson, pageJson } from "../resources/lists";
import type { JwtTemplateRecord } from "../store/records-instance";
import { type BapiEnv, type Call, metadata, pageFields, readBody, readQuery } from "./call";

const form = z.object({
  name: z.string().min(1),
  claims: metadata,
  lifetime: z.number().int().min(30).max(315_360_000).nullish(),
  allowed_clock_skew: z.number().int().min(0).max(300).nullish(),
  custom_signing_key: z.boolean().nullish(),
  signing_algorithm: z.enum(["RS256", "HS256"]).nullish(),
  signing_key: z.string().nullish(),
});

/** Claims that a template must not contain: only Clerk sets them. */
const reserved = ["azp", "exp", "iat", "iss", "jti", "nbf", "sub"];

export function jwtTemplateRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();

  routes.get("/jwt_templates", (call) => {
    const { limit, offset, paginated } = readQuery(call, z.object(pageFields));
    const all = [...context.state.jwtTemplates.all()].reverse();
    const page = all.slice(offset, offset + limit).map(templateJson);
    return call.json(paginated === "true" ? pageJson(page, all.length) : page);
  });

  routes.post("/jwt_templates", (call) => {
    const given = checked(readBody(call, form));
    if (context.state.jwtTemplatesByName.first(given.name)) throw identifierTaken("name", "name");
    const now = context.clock.now();
    const template = context.state.jwtTemplates.make({
      id: newId("jtmp", now),
      name: given.name,
      claims: given.claims,
      lifetime: given.lifetime ?? 60,
      allowedClockSkew: given.allowed_clock_skew ?? 5,
      signingKey: given.custom_signing_key ? (given.signing_key ?? null) : null,
      signingAlgorithm: given.signing_algorithm ?? "RS256",
      createdAt: now,
      updatedAt: now,
    });
    return call.json(templateJson(template));
  });

  routes.get("/jwt_templates/:id", (call) => call.json(templateJson(find(context, call))));

  routes.patch("/jwt_templates/:id", (call) => {
    const template = find(context, call);
    const given = checked(readBody(call, form));
    const named = context.state.jwtTemplatesByName.first(given.name);
    if (named && named.id !== template.id) throw identifierTaken("name", "name");
    const updated = context.state.jwtTemplates.put({
      ...template,
      name: given.name,
      claims: given.claims,
      lifetime: given.lifetime ?? template.lifetime,
      allowedClockSkew: given.allowed_clock_skew ?? template.allowedClockSkew,
      signingKey: given.custom_signing_key ? (given.signing_key ?? template.signingKey) : null,
      signingAlgorithm: given.signing_algorithm ?? template.signingAlgorithm,
      updatedAt: context.clock.now(),
    });
    return call.json(templateJson(updated));
  });

  routes.delete("/jwt_templates/:id", (call) => {
    const { id } = find(context, call);
    context.state.jwtTemplates.drop(id);
    return call.json(deletedJson("jwt_template", id));
  });

  return routes;
}

function checked(given: z.infer<typeof form>): z.infer<typeof form> {
  const taken = reserved.find((claim) => claim in given.claims);
  if (taken) throw paramInvalid("claims", `You can't use the reserved claim: '${taken}'`);
  if (given.custom_signing_key && !given.signing_key) {
    throw paramInvalid("signing_key", "signing_key must be included with custom_signing_key.");
  }
  return given;
}

function find(context: ClerkContext, call: Call): JwtTemplateRecord {
  const id = call.req.param("id") ?? "";
  const template = context.state.jwtTemplates.get(id);
  if (!template) throw notFound("JWT template", id);
  return template;
}

function templateJson(template: JwtTemplateRecord) {
  return {
    object: "jwt_template",
    id: template.id,
    name: template.name,
    claims: template.claims,
    lifetime: template.lifetime,
    allowed_clock_skew: template.allowedClockSkew,
    custom_signing_key: template.signingKey !== null,
    signing_algorithm: template.signingAlgorithm,
    created_at: template.createdAt,
    updated_at: template.updatedAt,
  };
}
