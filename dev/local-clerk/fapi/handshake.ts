// The handshake: a page load whose cookies do not prove the sign-in state is redirected here, and back with fresh cookies. The
// app's server fetches the cookies by a nonce, or reads them from a signed token.

import { Hono } from "hono";
import type { ClerkContext } from "../context";
import { findMembership } from "../organizations/organizations";
import {
  bothNames,
  briefCookie,
  clearCookie,
  clientCookies,
  handshakeNonceCookie,
  handshakeTokenCookie,
  setCookie,
} from "../sessions/cookies";
import { refreshCookie } from "../sessions/refresh";
import { liveSessions, rememberOrganization } from "../sessions/sessions";
import { sessionToken, signJwt } from "../sessions/tokens";
import type { SessionRecord } from "../store/records";
import { type Call, currentClient, type FapiEnv, openClient } from "./call";
import { devBrowserCookies } from "./dev-browser";
import { requireOwnUrl } from "./own-url";

const nonceSeconds = 10;

export function handshakeRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/client/handshake", async (call) => {
    const target = requireOwnUrl(context, call.req.query("redirect_url"));
    if (context.isDevelopment) openClient(context, call);
    const directives = await cookieDirectives(context, call, target.origin);
    const [name, value] =
      call.req.query("format") === "nonce"
        ? ([handshakeNonceCookie, context.handshakes.store(directives)] as const)
        : ([handshakeTokenCookie, await signedDirectives(context, directives)] as const);
    // The Frontend API of a development instance is on another site and cannot set a cookie of the app, so the value is in the
    // query.
    if (context.isDevelopment) target.searchParams.set(name, value);
    else call.header("set-cookie", briefCookie(name, value, nonceSeconds), { append: true });
    call.header("cache-control", "no-store");
    return call.redirect(target.href, 307);
  });

  return routes;
}

function signedDirectives(context: ClerkContext, handshake: string[]): Promise<string> {
  const iat = Math.floor(context.clock.now() / 1000);
  return signJwt(context, { handshake, iat, exp: iat + 60 });
}

/** Reads every record before its first `await`, so that all cookies describe the same moment. */
async function cookieDirectives(context: ClerkContext, call: Call, azp: string): Promise<string[]> {
  const client = currentClient(context, call);
  const sessions = client ? liveSessions(context, client.id) : [];
  const active =
    sessions.find((each) => each.id === client?.lastActiveSessionId) ?? sessions.at(-1);
  const signing = active && sessionToken(context, withOrganization(context, call, active), azp);
  const baseCookies = [
    ...clientCookies(context, client),
    ...(context.isDevelopment && client ? devBrowserCookies(context, client) : []),
  ];
  const token = await signing;
  return [
    ...baseCookies,
    ...bothNames(context, "__session").map((name) =>
      token === undefined ? clearCookie(name) : setCookie(name, token),
    ),
    ...(active ? [refreshCookie(context, active)] : []),
    clearCookie(handshakeNonceCookie),
    clearCookie(handshakeTokenCookie),
  ];
}

/**
 * Makes the organization in the query the session's active organization, if the user is a member; an empty value activates the
 * personal account. Otherwise returns the session unchanged.
 */
function withOrganization(
  context: ClerkContext,
  call: Call,
  session: SessionRecord,
): SessionRecord {
  const requestedOrganization = call.req.query("organization_id");
  if (requestedOrganization === undefined) return session;
  const id =
    context.state.organizationsBySlug.first(requestedOrganization)?.id ?? requestedOrganization;
  if (requestedOrganization !== "" && !findMembership(context, id, session.userId)) return session;
  const chosen = { ...session, lastActiveOrganizationId: id || null };
  rememberOrganization(context, chosen);
  return context.state.sessions.put(chosen);
}
