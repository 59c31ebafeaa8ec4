// Renews an expired session token for the app's server during a page load, which saves the browser the
// redirects of a handshake. The refresh token comes from a cookie that the handshake set. When the refresh
// is refused, the SDK falls back to the handshake.

import { createHmac, createPublicKey } from "node:crypto";
import { compactVerify, decodeJwt } from "jose";
import { equalSecrets } from "../constant-time";
import type { ClerkContext } from "../context";
import { refusal, signedOut } from "../errors";
import type { SessionRecord } from "../store/records";
import { bothNames, clientCookies, setCookie } from "./cookies";
import { isLive } from "./sessions";
import { sessionToken } from "./tokens";

type RefreshRequest = {
  sessionId: string;
  expiredToken: string;
  refreshToken: string;
  origin: string;
};

/** Returns the `Set-Cookie` value of the refresh cookie. Its name has the suffix: the SDK reads only the suffixed name. */
export function refreshCookie(context: ClerkContext, session: SessionRecord): string {
  const [, name] = bothNames(context, "__refresh");
  return setCookie(name, refreshTokenOf(context, session), { isHttpOnly: true });
}

/** Returns the refresh token. It is derived from the session id, so nothing is stored. It is valid while its session is live. */
function refreshTokenOf(context: ClerkContext, session: SessionRecord): string {
  const { secretKey } = context.keys;
  return createHmac("sha256", secretKey).update(`refresh ${session.id}`).digest("base64url");
}

export async function refreshSessionToken(
  context: ClerkContext,
  given: RefreshRequest,
): Promise<string> {
  const { sessionId, expiredToken, refreshToken, origin } = given;
  const tokenSessionId = await sessionIdOf(context, expiredToken);
  // Reads the session after the `await`, because it may have ended meanwhile.
  const session = context.state.sessions.get(sessionId);
  if (!session || !isLive(context, session)) throw signedOut();
  if (!equalSecrets(refreshToken, refreshTokenOf(context, session))) {
    throw refused("refresh_token_not_found", "The provided refresh token was not found");
  }
  if (tokenSessionId !== session.id) {
    const why = "The session token provided could not be successfully verified";
    throw refused("expired_session_token_invalid", why);
  }
  if (origin !== context.appOrigin) {
    const why = "The request_origin parameter does not match the 'azp' claim of expired_token";
    throw refused("refresh_request_origin_azp_mismatch", why);
  }
  return sessionToken(context, session, origin);
}

export function refreshedCookies(
  context: ClerkContext,
  session: SessionRecord,
  token: string,
): string[] {
  return [
    ...clientCookies(context, context.state.clients.get(session.clientId)),
    ...bothNames(context, "__session").map((name) => setCookie(name, token)),
    refreshCookie(context, session),
  ];
}

const refused = (code: string, message: string) => refusal(401, code, message);

/** Resolves to the session id in a token that this instance signed, even if the token has expired. */
async function sessionIdOf(context: ClerkContext, token: string): Promise<unknown> {
  try {
    const key = createPublicKey(context.keys.privateKey);
    await compactVerify(token, key, { algorithms: ["RS256"] });
    return decodeJwt(token).sid;
  } catch {
    return undefined;
  }
}
