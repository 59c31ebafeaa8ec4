/** Finds the session token of a request. It is not verified here. */
import { createHash } from "node:crypto";
import { env } from "../env";
import { isOfAnotherInstance } from "./session-token";

function cookieNamed(header: string | null, name: string): string | undefined {
  const pair = header?.split(/;\s*/).find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}

let suffix: string | undefined;

/**
 * Returns the suffix of Clerk's cookie names: 8 characters of the publishable key's SHA-1, so that several apps can share a host.
 */
function cookieSuffix(): string {
  suffix ??= createHash("sha1").update(env().publishableKey).digest("base64url").slice(0, 8);
  return suffix;
}

/**
 * Returns the bearer token, or else the token in Clerk's session cookie. An Authorization header with another scheme is refused,
 * not ignored.
 */
export function tokenOf(
  headers: Headers,
): { token: string } | { token: null; reason: "missing" | "invalid" } {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { token: null, reason: "invalid" };
    return token === "null" || token === "undefined"
      ? { token: null, reason: "missing" }
      : { token };
  }
  // After a handshake, Clerk's middleware sets this header to a token that is newer than the cookie's. The token is verified like
  // any other token.
  const refreshed = headers.get("x-clerk-auth-token");
  if (refreshed) return { token: refreshed };
  const cookies = headers.get("cookie");
  const own = cookieNamed(cookies, `__session_${cookieSuffix()}`);
  if (own) return { token: own };
  // All apps with Clerk on this host share the cookie without a suffix. So another app may have set the cookie, such as another
  // checkout on another port.
  const shared = cookieNamed(cookies, "__session");
  return shared && !isOfAnotherInstance(shared)
    ? { token: shared }
    : { token: null, reason: "missing" };
}
