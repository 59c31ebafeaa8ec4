// The Backend API, which the app's server calls with the secret key. Operations that are not implemented return 501.

import { Hono, type MiddlewareHandler } from "hono";
import type { ClerkContext } from "../context";
import { errorBody, toRefusal } from "../error-response";
import { authorizationMissing, keyInvalid, notFound, notImplemented } from "../errors";
import { faultMiddleware } from "../simulation/fault-middleware";
import { apiKeyRoutes } from "./api-keys";
import { appInvitationRoutes } from "./app-invitations";
import { type BapiEnv, type Call, keepBody } from "./call";
import { domainRoutes } from "./domains";
import { enterpriseConnectionRoutes } from "./enterprise-connections";
import { identificationRoutes } from "./identifications";
import { instanceRoutes } from "./instance";
import { instanceDomainRoutes } from "./instance-domains";
import { jwtTemplateRoutes } from "./jwt-templates";
import { m2mTokenRoutes } from "./m2m-tokens";
import { machineRoutes, machineWithKey } from "./machines";
import { membershipRoutes } from "./memberships";
import { accessTokenRoutes, oauthApplicationRoutes } from "./oauth-applications";
import { organizationInvitationRoutes } from "./organization-invitations";
import { organizationRoutes } from "./organizations";
import { roleRoutes } from "./roles";
import { sessionRoutes } from "./sessions";
import { signUpRoutes } from "./sign-ups";
import { tokenRoutes } from "./tokens";
import { userRoutes } from "./users";

export function backendApi(context: ClerkContext) {
  const api = new Hono<BapiEnv>();
  const v1 = new Hono<BapiEnv>();

  const guards: MiddlewareHandler<BapiEnv>[] = [
    faultMiddleware(context, "bapi"),
    async (call, next) => {
      requireKey(context, call);
      await next();
    },
    keepBody,
  ];
  v1.use(...guards);
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
  v1.route("/", signUpRoutes(context));
  v1.route("/", machineRoutes(context));
  v1.route("/", oauthApplicationRoutes(context));
  const machineTokenRoutes = [apiKeyRoutes(context), m2mTokenRoutes(context), accessTokenRoutes()];
  for (const routes of machineTokenRoutes) v1.route("/", routes);
  v1.route("/", enterpriseConnectionRoutes());

  api.route("/v1", v1);
  // Clerk's SDK calls these without a version in the path.
  for (const path of ["/api_keys", "/m2m_tokens", "/oauth_applications/access_tokens"]) {
    api.use(`${path}/*`, ...guards);
  }
  for (const routes of machineTokenRoutes) api.route("/", routes);
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

/** The secret key of a machine is valid for M2M tokens only. */
function requireKey(context: ClerkContext, call: Call): void {
  const header = call.req.header("authorization");
  if (!header?.startsWith("Bearer ")) throw authorizationMissing();
  if (header === `Bearer ${context.keys.secretKey}`) return;
  const isForMachines = /^\/bapi(\/v1)?\/m2m_tokens(\/|$)/.test(call.req.path);
  if (isForMachines && machineWithKey(context, header.replace(/^Bearer /, ""))) return;
  throw keyInvalid();
}
