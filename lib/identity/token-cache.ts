/**
 * Tokens that were verified, by the hash of the whole token, until they expire. Remembers good ones only: a refusal may be
 * Clerk's absence. Whether the session was revoked since is not known here, and asked on every hit by the caller.
 */
import { createHash } from "node:crypto";
import { isExpired, type SessionClaims, type TokenVerdict } from "./claims";
import { Lru } from "./lru";
import { verifySessionToken } from "./session-token";

const CAPACITY = 20_000;

const verified = new Lru<SessionClaims>(CAPACITY);

export async function verifyTokenOnce(token: string): Promise<TokenVerdict> {
  const key = createHash("sha256").update(token).digest("base64");
  const claims = verified.get(key);
  if (claims) {
    if (!isExpired(claims, Date.now() / 1000)) return { ok: true, claims };
    verified.delete(key);
    return { ok: false, reason: "expired" };
  }
  const verdict = await verifySessionToken(token);
  if (verdict.ok) verified.set(key, verdict.claims);
  return verdict;
}
