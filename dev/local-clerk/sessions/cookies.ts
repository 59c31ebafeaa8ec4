// The cookies that Clerk's SDKs read: their names, and the `Set-Cookie` values that set and clear them. They are
// not `Secure`, because the local Clerk serves http on this machine.

import { createHash } from "node:crypto";
import type { ClerkContext } from "../context";
import type { ClientRecord } from "../store/records";

const yearSeconds = 31_536_000;

/** The dev browser cookie of a development instance. The app sets it, and Clerk's SDKs also send its value as a parameter. */
export const devBrowserName = "__clerk_db_jwt";
export const handshakeNonceCookie = "__clerk_handshake_nonce";
export const handshakeTokenCookie = "__clerk_handshake";

/** Returns the suffix that Clerk appends to cookie names, so that two instances on one host do not read each other's cookies. */
function cookieSuffix(publishableKey: string): string {
  return createHash("sha1").update(publishableKey).digest("base64url").slice(0, 8);
}

/** Returns the cookie name without and with the suffix. Clerk's SDKs read either. */
export function bothNames(context: ClerkContext, name: string): [string, string] {
  return [name, `${name}_${cookieSuffix(context.keys.publishableKey)}`];
}

/**
 * Returns the name of the cookie that contains the client's token. At Clerk the cookie belongs to the host of the Frontend API.
 * Here it belongs to the app's host, which all local apps share, so the name has the suffix.
 */
export function clientCookie(context: ClerkContext): string {
  return bothNames(context, "__client")[1];
}

function directive(name: string, value: string, maxAge: number, isHttpOnly: boolean): string {
  const flags = isHttpOnly ? "; HttpOnly" : "";
  return `${name}=${value}; Path=/; Max-Age=${maxAge}; SameSite=Lax${flags}`;
}

export function setCookie(name: string, value: string, options: { isHttpOnly?: boolean } = {}) {
  return directive(name, value, yearSeconds, options.isHttpOnly ?? false);
}

export function briefCookie(name: string, value: string, seconds: number): string {
  return directive(name, value, seconds, true);
}

export function clearCookie(name: string): string {
  return directive(name, "", 0, false);
}

export function clientCookies(context: ClerkContext, client: ClientRecord | undefined): string[] {
  return [
    ...(client ? [setCookie(clientCookie(context), client.token, { isHttpOnly: true })] : []),
    ...bothNames(context, "__client_uat").map((name) => setCookie(name, String(client?.uat ?? 0))),
  ];
}
