// The Backend API's operations on OAuth applications: programs for which the instance would be the identity provider. They are
// stored and listed. The Frontend API does not issue access tokens for them, so no access token is valid.

import { Hono } from "hono";
import { z } from "zod";
import { storeUpload } from "../accounts/images";
import type { ClerkContext } from "../context";
import { notFound, paramMissing } from "../errors";
import { newId, randomToken } from "../ids";
import { deletedJson, pageJson } from "../resources/lists";
import type { OauthApplicationRecord } from "../store/records-machines";
import {
  type BapiEnv,
  type Call,
  nothing,
  pageFields,
  readBody,
  readQuery,
  sorted,
  word,
} from "./call";

const fields = {
  redirect_uris: z.array(z.string()).optional(),
  callback_url: z.string().max(1024).nullish(),
  scopes: z.string().max(1024).nullish(),
  consent_screen_enabled: z.boolean().nullish(),
  pkce_required: z.boolean().nullish(),
  public: z.boolean().nullish(),
};
const creation = z.object({ ...fields, name: z.string().min(1) });
const update = z.object({ ...fields, name: z.string().min(1).nullish() });
const listing = z.object({
  limit: pageFields.limit,
  offset: pageFields.offset,
  order_by: word,
  name_query: word,
});

export function oauthApplicationRoutes(context: ClerkContext) {
  const routes = new Hono<BapiEnv>();
  const { oauthApplications } = context.state;
  const json = (each: OauthApplicationRecord) => applicationJson(context, each);

  routes.get("/oauth_applications", (call) => {
    const { limit, offset, name_query = "", order_by = "-created_at" } = readQuery(call, listing);
    const wanted = name_query.toLowerCase();
    const found = sorted(
      [...oauthApplications.all()].filter(({ name }) => name.toLowerCase().includes(wanted)),
      order_by,
      { name: ({ name }) => name, created_at: ({ createdAt }) => createdAt },
    );
    return call.json(pageJson(found.slice(offset, offset + limit).map(json), found.length));
  });

  routes.post("/oauth_applications", (call) => {
    const given = readBody(call, creation);
    const redirectUris = given.redirect_uris ?? (given.callback_url ? [given.callback_url] : []);
    if (redirectUris.length === 0) throw paramMissing("redirect_uris");
    const now = context.clock.now();
    const application = oauthApplications.put({
      id: newId("oa", now),
      name: given.name,
      clientId: randomToken(16),
      clientSecret: randomToken(32),
      redirectUris,
      scopes: given.scopes ?? "profile email",
      hasConsentScreen: given.consent_screen_enabled ?? true,
      requiresPkce: given.pkce_required ?? false,
      isPublic: given.public ?? false,
      imageId: null,
      createdAt: now,
      updatedAt: now,
    });
    return call.json(withSecret(context, application));
  });

  routes.get("/oauth_applications/:id", (call) => call.json(json(find(context, call))));

  routes.patch("/oauth_applications/:id", (call) => {
    const application = find(context, call);
    const given = readBody(call, update);
    const callback = given.callback_url ? [given.callback_url] : application.redirectUris;
    const updated = oauthApplications.put({
      ...application,
      name: given.name ?? application.name,
      redirectUris: given.redirect_uris ?? callback,
      scopes: given.scopes ?? application.scopes,
      hasConsentScreen: given.consent_screen_enabled ?? application.hasConsentScreen,
      requiresPkce: given.pkce_required ?? application.requiresPkce,
      isPublic: given.public ?? application.isPublic,
      updatedAt: context.clock.now(),
    });
    return call.json(json(updated));
  });

  routes.delete("/oauth_applications/:id", (call) => {
    const { id, imageId } = find(context, call);
    readBody(call, nothing);
    context.state.change(() => {
      if (imageId) context.state.images.drop(imageId);
      oauthApplications.drop(id);
    });
    return call.json(deletedJson("oauth_application", id));
  });

  routes.put("/oauth_applications/:id/logo", async (call) => {
    const before = find(context, call);
    const imageId = await storeUpload(context, call.req.raw);
    const application = oauthApplications.get(before.id) ?? before;
    if (application.imageId) context.state.images.drop(application.imageId);
    const updatedAt = context.clock.now();
    return call.json(json(oauthApplications.put({ ...application, imageId, updatedAt })));
  });

  routes.post("/oauth_applications/:id/rotate_secret", (call) => {
    const application = find(context, call);
    readBody(call, nothing);
    const rotated = oauthApplications.put({
      ...application,
      clientSecret: randomToken(32),
      updatedAt: context.clock.now(),
    });
    return call.json(withSecret(context, rotated));
  });

  routes.post("/oauth_applications/:id/revoke_token", (call) => {
    find(context, call);
    const { token } = readBody(call, z.object({ token: z.string() }));
    throw notFound("OAuth access token", token);
  });

  return routes;
}

/** The Frontend API issues no access tokens, so every token is unknown. */
export function accessTokenRoutes() {
  const routes = new Hono<BapiEnv>();
  routes.post("/oauth_applications/access_tokens/verify", (call) => {
    const form = z.object({ access_token: z.string().optional(), secret: z.string().optional() });
    const { access_token: token, secret } = readBody(call, form);
    throw notFound("OAuth access token", token ?? secret ?? "");
  });
  return routes;
}

function find(context: ClerkContext, call: Call): OauthApplicationRecord {
  const id = call.req.param("id") ?? "";
  const application = context.state.oauthApplications.get(id);
  if (!application) throw notFound("OAuth application", id);
  return application;
}

function applicationJson({ keys, proxyUrl }: ClerkContext, application: OauthApplicationRecord) {
  const { imageId, redirectUris } = application;
  return {
    object: "oauth_application",
    id: application.id,
    instance_id: keys.instanceId,
    name: application.name,
    client_id: application.clientId,
    client_uri: null,
    client_image_url: imageId ? `${proxyUrl}/images/${imageId}` : null,
    dynamically_registered: false,
    consent_screen_enabled: application.hasConsentScreen,
    pkce_required: application.requiresPkce,
    public: application.isPublic,
    scopes: application.scopes,
    redirect_uris: redirectUris,
    callback_url: redirectUris[0] ?? "",
    authorize_url: `${proxyUrl}/oauth/authorize`,
    token_fetch_url: `${proxyUrl}/oauth/token`,
    user_info_url: `${proxyUrl}/oauth/userinfo`,
    discovery_url: `${proxyUrl}/.well-known/openid-configuration`,
    token_introspection_url: `${proxyUrl}/oauth/token_info`,
    created_at: application.createdAt,
    updated_at: application.updatedAt,
  };
}

/** A public application has no secret: it proves itself by PKCE. */
function withSecret(context: ClerkContext, application: OauthApplicationRecord) {
  const secret = application.isPublic ? {} : { client_secret: application.clientSecret };
  return { ...applicationJson(context, application), ...secret };
}
