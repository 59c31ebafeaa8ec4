// The Backend API: what the app's server talks to with the secret key. What it does not know it says so,
// with 501.

import { Hono } from "hono";
import { z } from "zod";
import { envelope, toRefusal } from "../envelope";
import { authorizationMissing, keyInvalid, notFound, notImplemented } from "../errors";
import { pageJson } from "../resources/lists";
import { roleJson } from "../resources/role";
import type { World } from "../world";
import { type BapiEnv, type Call, pageFields, readQuery, word } from "./call";
import { membershipRoutes } from "./memberships";
import { organizationRoutes } from "./organizations";
import { sessionRoutes } from "./sessions";
import { userRoutes } from "./users";

export function backendApi(world: World) {
  const api = new Hono<BapiEnv>();
  const v1 = new Hono<BapiEnv>();

  v1.use(async (call, next) => {
    requireKey(world, call);
    await next();
  });
  v1.get("/jwks", (call) => call.json(world.keys.jwks));
  v1.get("/clients/handshake_payload", (call) => {
    const nonce = call.req.query("nonce") ?? "";
    const directives = world.handshakes.find(nonce);
    if (!directives) throw notFound("handshake payload", nonce);
    return call.json({ nonce, directives });
  });
  v1.get("/organization_roles", (call) => {
    const { limit, offset } = readQuery(call, z.object({ ...pageFields, order_by: word }));
    const all = [...world.state.roles.all()];
    const page = all.slice(offset, offset + limit).map((role) => roleJson(world, role));
    return call.json(pageJson(page, all.length));
  });
  v1.route("/", userRoutes(world));
  v1.route("/", organizationRoutes(world));
  v1.route("/", membershipRoutes(world));
  v1.route("/", sessionRoutes(world));

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
