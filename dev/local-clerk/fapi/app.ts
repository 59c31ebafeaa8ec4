// The Frontend API: what Clerk's components in a browser talk to, through the app's proxy. Refuses other
// origins and proxies without the key. What it does not know it says so, with 501.

import { Hono } from "hono";
import type { World } from "../context";
import { envelope, toRefusal } from "../error-response";
import { notImplemented, originInvalid, originMissing, refusal } from "../errors";
import { environmentJson } from "../resources/environment";
import { troubles } from "../simulation/fault-middleware";
import { assetRoutes } from "./assets";
import { type Call, currentClient, type FapiEnv, keepForm, piggyback, withCookies } from "./call";
import { clientRoutes } from "./clients";
import { verifyRoutes } from "./email-links";
import { handshakeRoutes } from "./handshake";
import { meRoutes } from "./me";
import { meIdentificationRoutes } from "./me-identifications";
import { mePasswordRoutes } from "./me-passwords";
import { mePhoneRoutes } from "./me-phones";
import { oauthRoutes } from "./oauth";
import { organizationGrowthRoutes } from "./organization-enrollment";
import { organizationRoutes } from "./organizations";
import { reverificationRoutes } from "./reverification";
import { signInRoutes } from "./sign-ins";
import { signUpRoutes } from "./sign-ups";
import { ticketRoutes } from "./tickets";

export function frontendApi(world: World) {
  const api = new Hono<FapiEnv>();
  const v1 = new Hono<FapiEnv>();

  v1.use(troubles(world, "fapi"));
  v1.use(async (call, next) => {
    requireOwnOrigin(world, call);
    requireProxyKey(world, call);
    await next();
    call.header("cache-control", "no-store");
  });
  v1.use(keepForm);
  v1.get("/environment", (call) => call.json(environmentJson(world)));
  v1.get("/health", (call) => call.json({ status: "healthy" }));
  v1.route("/", clientRoutes(world));
  v1.route("/", handshakeRoutes(world));
  v1.route("/", signUpRoutes(world));
  v1.route("/", signInRoutes(world));
  v1.route("/", meRoutes(world));
  v1.route("/", meIdentificationRoutes(world));
  v1.route("/", mePasswordRoutes(world));
  v1.route("/", mePhoneRoutes(world));
  v1.route("/", reverificationRoutes(world));
  v1.route("/", verifyRoutes(world));
  v1.route("/", organizationGrowthRoutes(world));
  v1.route("/", organizationRoutes(world));
  v1.route("/", ticketRoutes(world));

  api.route("/", assetRoutes(world));
  api.route("/", oauthRoutes(world));
  api.get("/.well-known/jwks.json", (call) => call.json(world.keys.jwks));
  api.route("/v1", v1);
  api.all("*", (call) => {
    throw notImplemented(nameOf(call));
  });
  api.onError((error, call) => {
    const failure = toRefusal(world, error, nameOf(call));
    const meta = currentClient(world, call) ? { client: piggyback(world, call) } : undefined;
    return withCookies(world, call, call.json(envelope(failure, meta), failure.status));
  });
  return api;
}

function nameOf(call: Call): string {
  return `${call.req.method} ${call.req.path.replace(/^\/fapi/, "")} of the Frontend API`;
}

function requireOwnOrigin(world: World, call: Call): void {
  const origin = call.req.header("origin");
  if (origin !== undefined && origin !== world.appOrigin) throw originInvalid();
  if (origin === undefined && call.req.method !== "GET") throw originMissing();
}

function requireProxyKey(world: World, call: Call): void {
  if (call.req.header("clerk-proxy-url") === undefined) return;
  if (call.req.header("clerk-secret-key") === world.keys.secretKey) return;
  const message =
    "The Clerk-Secret-Key header of the proxy's request is missing or not this instance's.";
  throw refusal(401, "proxy_request_invalid_secret_key", "Invalid proxy secret key", message);
}
