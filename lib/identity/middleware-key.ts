/** Chooses the public key to pass to Clerk's middleware, which accepts only one PEM. */
import type { KeyObject } from "node:crypto";
import { tokenOf } from "./request-token";
import { findClerkKeys, isKnownKeyId, pinnedKeys } from "./session-keys";
import { type TokenVerdict, unverifiedKeyId, verifySessionToken } from "./session-token";

/** The key that signed the last valid token: Clerk's current key, as far as this process knows. */
let lastSigner: KeyObject | undefined;

/**
 * Passed as the key when no signature may be accepted. Without any key, Clerk's middleware would fetch Clerk's keys for each
 * unknown key id.
 */
const NO_KEY = "none";

const HANDSHAKE_NONCE = "__clerk_handshake_nonce";

function isHandshake(url: URL, headers: Headers): boolean {
  return (
    url.searchParams.has(HANDSHAKE_NONCE) ||
    (headers.get("cookie") ?? "").includes(`${HANDSHAKE_NONCE}=`)
  );
}

/** Verifies the request's token in the same way as the API. */
export async function verifyRequest(headers: Headers): Promise<TokenVerdict> {
  const found = tokenOf(headers);
  return found.token === null
    ? { ok: false, reason: found.reason }
    : verifySessionToken(found.token);
}

/**
 * True if the request has no token, or its token has a known key id or none. False for an invented key id, and for a token that
 * is no JWT.
 */
async function hasKnownKeyId(headers: Headers): Promise<boolean> {
  const { token } = tokenOf(headers);
  const kid = token === null ? null : unverifiedKeyId(token);
  return kid === null || (kid !== undefined && (await isKnownKeyId(kid)));
}

/**
 * Resolves to the PEM of the key that signed the request's token. For an invalid token, or while Clerk's keys cannot be fetched,
 * resolves to NO_KEY. Without a token, or with an expired token, resolves to the key that signed the last valid token. If there
 * was none, resolves to a pinned key or Clerk's key.
 * Resolves to undefined for a handshake if the key id is known or missing. Clerk's middleware then fetches the keys itself,
 * because the token in the handshake may be signed with another key.
 */
export async function middlewareKey(url: URL, headers: Headers): Promise<string | undefined> {
  const verdict = await verifyRequest(headers);
  if (verdict.ok) lastSigner = verdict.signer;
  if (isHandshake(url, headers) && (await hasKnownKeyId(headers))) return undefined;
  if (!verdict.ok && (verdict.reason === "invalid" || verdict.reason === "unavailable"))
    return NO_KEY;
  const key = lastSigner ?? pinnedKeys()[0] ?? (await findClerkKeys())[0];
  return key?.export({ type: "spki", format: "pem" }).toString() ?? NO_KEY;
}
