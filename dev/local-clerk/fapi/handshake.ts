// The handshake: a page load whose cookies do not show the sign-in state is redirected here, and back with fresh
// cookies. The app's server fetches the cookies by a nonce.

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
import { type Call, currentClient, type FapiEnv } from "./call";
import { requireOwnUrl } from "./own-url";

const nonceSeconds = 10;

export function handshakeRoutes(context: ClerkContext) {
  const routes = new Hono<FapiEnv>();

  routes.get("/client/handshake", async (call) => {
    const target = requireOwnUrl(context, call.req.query("redirect_url"));
    const directives = await cookieDirectives(context, call, target.origin);
    const cookie =
      call.req.query("format") === "nonce"
        ? briefCookie(handshakeNonceCookie, context.handshakes.store(directives), nonceSeconds)
        : briefCookie(
            handshakeTokenCookie,
            await signedDirectives(context, directives),
            nonceSeconds,
          );
    call.header("set-cookie", cookie, { append: true });
    call.header("cache-control", "no-store");
    return call.redirect(target.href, 307);
  });

  return routes;
}

function signedDirectives(context: ClerkContext, handshake: string[]): Promise<string> {
  const iat = Math.floor(context.clock.now() / 1000);
  return signJwt(context, { handshake, iat, exp: iat + 60 });
}

/** Reads every record before its first `await`, so that the cookies describe one moment. */
async function cookieDirectives(context: ClerkContext, call: Call, azp: string): Promise<string[]> {
  const client = currentClient(context, call);
  const sessions = client ? liveSessions(context, client.id) : [];
  const active =
    sessions.find((each) => each.id === client?.lastActiveSessionId) ?? sessions.at(-1);
  const signing = active && sessionToken(context, withOrganization(context, call, active), azp);
  const baseCookies = clientCookies(context, client);
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

/** The app's URL may name the organization to activate. It is ignored for non-members. */
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
