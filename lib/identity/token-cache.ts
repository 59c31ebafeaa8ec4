/**
 * Caches the claims of verified tokens until the tokens expire, keyed by the hash of the whole token. A refusal is not cached,
 * because an outage of Clerk may have caused it. The cache does not know of revoked sessions, so the caller checks the session on
 * every hit.
 */
import { hash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { noteOutdatedJwtKey } from "../outdated-jwt-key";
import { metrics } from "../telemetry/metrics";
import { type ClaimsVerdict, isExpired, type SessionClaims } from "./claims";
import { verifySessionToken } from "./session-token";

const CAPACITY = 20_000;

const cache = new LRUCache<string, SessionClaims>({ max: CAPACITY });

const keyOf = (token: string) => hash("sha256", token, "base64");

/** Returns the claims of a cached token; null if the token is not cached or has expired. */
export function cachedClaims(token: string): SessionClaims | null {
  const key = keyOf(token);
  const claims = cache.get(key);
  if (!claims) return null;
  if (isExpired(claims, Date.now() / 1000)) {
    cache.delete(key);
    return null;
  }
  metrics()?.cacheRequests.inc({ cache: "session token", result: "hit" });
  return claims;
}

export async function verifyTokenCached(token: string): Promise<ClaimsVerdict> {
  const claims = cachedClaims(token);
  if (claims) return { ok: true, claims };
  metrics()?.cacheRequests.inc({ cache: "session token", result: "miss" });
  const verdict = await verifySessionToken(token);
  if (!verdict.ok) return verdict;
  if (verdict.isPinOutdated) noteOutdatedJwtKey();
  cache.set(keyOf(token), verdict.claims);
  return { ok: true, claims: verdict.claims };
}
