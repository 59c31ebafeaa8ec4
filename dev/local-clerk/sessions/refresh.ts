// A page load whose token is out of date: the app's server has it renewed, with the token that the handshake left in
// a cookie, instead of sending the browser round. Refused, it falls back to the handshake.

import { createHmac, verify } from "node:crypto";
import { equalSecrets } from "../constant-time";
import type { ClerkContext } from "../context";
import { refusal, signedOut } from "../errors";
import type { SessionRecord } from "../store/records";
import { bothNames, clientCookies, setCookie } from "./cookies";
import { isLive } from "./sessions";
import { sessionToken } from "./tokens";

export type RefreshRequest = {
  session: SessionRecord;
  expiredToken: string;
  refreshToken: string;
  origin: string;
};

/** Only under the name with the suffix: so the SDK looks for it. */
export function refreshCookie(context: ClerkContext, session: SessionRecord): string {
  const [, name] = bothNames(context, "__refresh");
  return setCookie(name, refreshTokenOf(context, session), { isHttpOnly: true });
}

/** Nothing is stored: it is good as long as its session is. */
function refreshTokenOf(context: ClerkContext, session: SessionRecord): string {
  const { secretKey } = context.keys;
  return createHmac("sha256", secretKey).update(`refresh ${session.id}`).digest("base64url");
}

export function refreshedToken(context: ClerkContext, given: RefreshRequest): string {
  const { session, expiredToken, refreshToken, origin } = given;
  if (!isLive(context, session)) throw signedOut();
  if (!equalSecrets(refreshToken, refreshTokenOf(context, session))) {
    throw refused("refresh_token_not_found", "The provided refresh token was not found");
  }
  if (sessionIdOf(context, expiredToken) !== session.id) {
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

/** Of a token that we have signed, however long ago. */
function sessionIdOf(context: ClerkContext, token: string): unknown {
  const [header = "", payload = "", signature = ""] = token.split(".");
  const signed = Buffer.from(`${header}.${payload}`);
  const isSigned = verify(
    "RSA-SHA256",
    signed,
    context.keys.jwtKey,
    Buffer.from(signature, "base64url"),
  );
  return isSigned ? JSON.parse(Buffer.from(payload, "base64url").toString("utf8")).sid : undefined;
}
