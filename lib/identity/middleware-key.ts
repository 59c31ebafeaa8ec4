/** Chooses the public key to pass to Clerk's middleware, which accepts only one PEM. */
import type { KeyObject } from "node:crypto";
import { tokenOf } from "./request-token";
import { findClerkKeys, isKnownKeyId, pinnedKeys } from "./session-keys";
import { type TokenVerdict, unverifiedKeyId, verifySessionToken } from "./session-token";

/** The key that signed the last valid token: Clerk's current key, as far as this process knows. */
let lastSigner: KeyObject | undefined;

/**
 * A key with which no signature is valid. If no key were passed, Clerk's middleware would fetch the keys for each unknown key id.
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

/** True if the request has no token, or its key id is known. False for an invented key id. */
async function hasKnownKeyId(headers: Headers): Promise<boolean> {
  const { token } = tokenOf(headers);
  const kid = token === null ? null : unverifiedKeyId(token);
  return kid === null || (kid !== undefined && (await isKnownKeyId(kid)));
}

/**
 * Returns the PEM of the key that signed the request's token, or NO_KEY for an invalid token. Without a token, or with an expired
 * one, returns the key that signed the last valid token. Returns undefined for a handshake with a known key id, so that Clerk's
 * middleware fetches the keys itself: the handshake's token may be signed with another key.
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
