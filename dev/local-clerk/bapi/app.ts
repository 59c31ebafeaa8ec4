// The Backend API: what the app's server talks to with the secret key. What it does not know it says so,
// with 501.

import { Hono } from "hono";
import type { World } from "../context";
import { envelope, toRefusal } from "../error-response";
import { authorizationMissing, keyInvalid, notFound, notImplemented } from "../errors";
import { troubles } from "../simulation/fault-middleware";
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

export function backendApi(world: World) {
  const api = new Hono<BapiEnv>();
  const v1 = new Hono<BapiEnv>();

  v1.use(troubles(world, "bapi"));
  v1.use(async (call, next) => {
    requireKey(world, call);
    await next();
  });
  v1.use(keepBody);
  v1.get("/jwks", (call) => call.json(world.keys.jwks));
  v1.get("/clients/handshake_payload", (call) => {
    const nonce = call.req.query("nonce") ?? "";
    const directives = world.handshakes.find(nonce);
    if (!directives) throw notFound("handshake payload", nonce);
    return call.json({ nonce, directives });
  });
  v1.route("/", userRoutes(world));
  v1.route("/", organizationRoutes(world));
  v1.route("/", membershipRoutes(world));
  v1.route("/", sessionRoutes(world));
  v1.route("/", tokenRoutes(world));
  v1.route("/", roleRoutes(world));
  v1.route("/", jwtTemplateRoutes(world));
  v1.route("/", appInvitationRoutes(world));
  v1.route("/", organizationInvitationRoutes(world));
  v1.route("/", domainRoutes(world));
  v1.route("/", identificationRoutes(world));
  v1.route("/", instanceRoutes(world));
  v1.route("/", instanceDomainRoutes(world));

  api.route("/v1", v1);
  api.all("*", (call) => {
    throw notImplemented(nameOf(call));
  });
  api.onError((error, call) => {
    const failure = toRefusal(world, error, nameOf(call));
    return call.json(envelope(failure), failure.status);
  });
  return api;
}

function nameOf(call: Call): string {
  return `${call.req.method} ${call.req.path.replace(/^\/bapi/, "")} of the Backend API`;
}

function requireKey(world: World, call: Call): void {
  const header = call.req.header("authorization");
  if (!header?.startsWith("Bearer ")) throw authorizationMissing();
  if (header !== `Bearer ${world.keys.secretKey}`) throw keyInvalid();
}
