// The Frontend API, which Clerk's components call from a browser through the app's proxy. It refuses other origins, and proxies
// that do not send the secret key. Operations that are not implemented return 501.

import { Hono, type MiddlewareHandler } from "hono";
import { cors } from "hono/cors";
import type { ClerkContext } from "../context";
import { errorBody, toRefusal } from "../error-response";
import { notImplemented, originInvalid, originMissing, refusal } from "../errors";
import { environmentJson } from "../resources/environment";
import { faultMiddleware } from "../simulation/fault-middleware";
import { apiKeyRoutes } from "./api-keys";
import { assetRoutes } from "./assets";
import {
  answerNatively,
  type Call,
  clientForEnvelope,
  cookiesFor,
  type FapiEnv,
  isNative,
  keepForm,
  withCookies,
} from "./call";
import { clientRoutes } from "./clients";
import { devBrowserRoutes, requireDevBrowser } from "./dev-browser";
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

export function frontendApi(context: ClerkContext) {
  const api = new Hono<FapiEnv>();
  const v1 = new Hono<FapiEnv>();

  api.use(allowAppOrigin(context));
  const guards: MiddlewareHandler<FapiEnv>[] = [
    faultMiddleware(context, "fapi"),
    async (call, next) => {
      requireOwnOrigin(context, call);
      requireProxyKey(context, call);
      await next();
      call.header("cache-control", "no-store");
    },
  ];
  v1.use(...guards);
  v1.use(async (call, next) => {
    requireDevBrowser(context, call);
    await next();
  });
  v1.use((call, next) => answerNatively(context, call, next));
  v1.use(keepForm);
  // In a development instance, clerk-js sends PATCH here to report the page's origin to Clerk.
  v1.on(["GET", "PATCH"], "/environment", (call) => call.json(environmentJson(context)));
  v1.get("/health", (call) => call.json({ status: "healthy" }));
  v1.route("/", devBrowserRoutes(context));
  v1.route("/", clientRoutes(context));
  v1.route("/", handshakeRoutes(context));
  v1.route("/", signUpRoutes(context));
  v1.route("/", signInRoutes(context));
  v1.route("/", meRoutes(context));
  v1.route("/", meIdentificationRoutes(context));
  v1.route("/", mePasswordRoutes(context));
  v1.route("/", mePhoneRoutes(context));
  v1.route("/", reverificationRoutes(context));
  v1.route("/", verifyRoutes(context));
  v1.route("/", organizationGrowthRoutes(context));
  v1.route("/", organizationRoutes(context));
  v1.route("/", ticketRoutes(context));

  api.route("/", assetRoutes(context));
  api.route("/", oauthRoutes(context));
  api.get("/.well-known/jwks.json", (call) => call.json(context.keys.jwks));
  api.use("/api_keys/*", ...guards);
  api.route("/", apiKeyRoutes(context));
  api.route("/v1", v1);
  api.all("*", (call) => {
    throw notImplemented(nameOf(call));
  });
  api.onError(async (error, call) => {
    const failure = toRefusal(context, error, nameOf(call));
    const cookies = cookiesFor(context, call);
    const client = await clientForEnvelope(context, call);
    const body = errorBody(failure, client ? { client } : undefined);
    return withCookies(call.json(body, failure.status), cookies);
  });
  return api;
}

function nameOf(call: Call): string {
  return `${call.req.method} ${call.req.path.replace(/^\/fapi/, "")} of the Frontend API`;
}

/**
 * Sends the CORS headers that let only the app's pages call the Frontend API from another origin, with cookies, as Clerk does.
 */
function allowAppOrigin({ appOrigin }: ClerkContext) {
  return cors({
    origin: (origin) => (origin === appOrigin ? origin : null),
    allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
    exposeHeaders: ["authorization"],
    credentials: true,
    maxAge: 600,
  });
}

function requireOwnOrigin(context: ClerkContext, call: Call): void {
  const origin = call.req.header("origin");
  if (origin !== undefined && origin !== context.appOrigin) throw originInvalid();
  if (origin === undefined && call.req.method !== "GET" && !isNative(call)) throw originMissing();
}

function requireProxyKey(context: ClerkContext, call: Call): void {
  if (call.req.header("clerk-proxy-url") === undefined) return;
  if (call.req.header("clerk-secret-key") === context.keys.secretKey) return;
  const message =
    "The Clerk-Secret-Key header of the proxy's request is missing or not this instance's.";
  throw refusal(401, "proxy_request_invalid_secret_key", "Invalid proxy secret key", message);
}
