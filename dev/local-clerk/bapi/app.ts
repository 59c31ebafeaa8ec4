// The Backend API, which the app's server calls with the secret key. Operations that are not implemented return 501.

import { Hono } from "hono";
import type { ClerkContext } from "../context";
import { errorBody, toRefusal } from "../error-response";
import { authorizationMissing, keyInvalid, notFound, notImplemented } from "../errors";
import { faultMiddleware } from "../simulation/fault-middleware";
import { appInvitationRoutes } from "./app-invitations";
import { type BapiEnv, type Call, keepBody } from "./call";
import { domainRoutes } from "./domains";
import { identificationRoutes } from "./identifications";
import { instanceRoutes } from "./instance";
import { instanceDomainRoutes } from "./instance-domains";
import { jwtTemplateRoutes } from "./jwt-templates";
import { membershipRoutes } from "./memberships";
import { organizationInvitationRoutes } from "./organization-invitations";
import { organizationRoutes } from "./organizations";
import { roleRoutes } from "./roles";
import { sessionRoutes } from "./sessions";
import { tokenRoutes } from "./tokens";
import { userRoutes } from "./users";

export function backendApi(context: ClerkContext) {
  const api = new Hono<BapiEnv>();
  const v1 = new Hono<BapiEnv>();

  v1.use(faultMiddleware(context, "bapi"));
  v1.use(async (call, next) => {
    requireKey(context, call);
    await next();
  });
  v1.use(keepBody);
  v1.get("/jwks", (call) => call.json(context.keys.jwks));
  v1.get("/clients/handshake_payload", (call) => {
    const nonce = call.req.query("nonce") ?? "";
    const directives = context.handshakes.find(nonce);
    if (!directives) throw notFound("handshake payload", nonce);
    return call.json({ nonce, directives });
  });
  v1.route("/", userRoutes(context));
  v1.route("/", organizationRoutes(context));
  v1.route("/", membershipRoutes(context));
  v1.route("/", sessionRoutes(context));
  v1.route("/", tokenRoutes(context));
  v1.route("/", roleRoutes(context));
  v1.route("/", jwtTemplateRoutes(context));
  v1.route("/", appInvitationRoutes(context));
  v1.route("/", organizationInvitationRoutes(context));
  v1.route("/", domainRoutes(context));
  v1.route("/", identificationRoutes(context));
  v1.route("/", instanceRoutes(context));
  v1.route("/", instanceDomainRoutes(context));

  api.route("/v1", v1);
  api.all("*", (call) => {
    throw notImplemented(nameOf(call));
  });
  api.onError((error, call) => {
    const failure = toRefusal(context, error, nameOf(call));
    return call.json(errorBody(failure), failure.status);
  });
  return api;
}

function nameOf(call: Call): string {
  return `${call.req.method} ${call.req.path.replace(/^\/bapi/, "")} of the Backend API`;
}

function requireKey(context: ClerkContext, call: Call): void {
  const header = call.req.header("authorization");
  if (!header?.startsWith("Bearer ")) throw authorizationMissing();
  if (header !== `Bearer ${context.keys.secretKey}`) throw keyInvalid();
}
