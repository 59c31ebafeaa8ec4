/**
 * Tokens that were verified, by the hash of the whole token, until they expire. Remembers good ones only: a refusal may be
 * Clerk's absence. Whether the session was revoked since is not known here, and asked on every hit by the caller.
 */
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { isExpired, type SessionClaims, type TokenVerdict } from "./claims";
import { verifySessionToken } from "./session-token";

const CAPACITY = 20_000;

const verified = new LRUCache<string, SessionClaims>({ max: CAPACITY });

const keyOf = (token: string) => hash("sha256", token, "base64");

/** The claims of a token that was verified before; null also when it has expired since. */
export function cachedClaims(token: string): SessionClaims | null {
  const key = keyOf(token);
  const claims = verified.get(key);
  if (!claims || !isExpired(claims, Date.now() / 1000)) return claims ?? null;
  verified.delete(key);
  return null;
}

export async function verifyTokenCached(token: string): Promise<TokenVerdict> {
  const claims = cachedClaims(token);
  if (claims) return { ok: true, claims };
  const verdict = await verifySessionToken(token);
  if (verdict.ok) verified.set(keyOf(token), verdict.claims);
  return verdict;
}
