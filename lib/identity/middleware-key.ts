/** Chooses the key for Clerk's middleware, which takes one PEM and tries no other. */
import type { KeyObject } from "node:crypto";
import { tokenOf } from "./request-token";
import { findClerkKeys, isKnownKeyId, pinnedKeys } from "./session-keys";
import { type TokenVerdict, unverifiedKeyId, verifySessionToken } from "./session-token";

/** The signer of the last good token: Clerk's current key, as far as this process knows. */
let lastSigner: KeyObject | undefined;

/**
 * A key that no signature verifies with. Without any key, Clerk's middleware would fetch the keys again for each unknown key
 * id.
 */
const NO_KEY = "none";

const HANDSHAKE_NONCE = "__clerk_handshake_nonce";

function isHandshake(url: URL, headers: Headers): boolean {
  return (
    url.searchParams.has(HANDSHAKE_NONCE) ||
    (headers.get("cookie") ?? "").includes(`${HANDSHAKE_NONCE}=`)
  );
}

/** Verifies the request's token by the same rule as the API. */
export async function verifyRequest(headers: Headers): Promise<TokenVerdict> {
  const found = tokenOf(headers);
  return found.token === null
    ? { ok: false, reason: found.reason }
    : verifySessionToken(found.token);
}

/** False for a token with an invented key id. */
async function hasKnownKeyId(headers: Headers): Promise<boolean> {
  const { token } = tokenOf(headers);
  const kid = token === null ? null : unverifiedKeyId(token);
  return kid === null || (kid !== undefined && (await isKnownKeyId(kid)));
}

/**
 * Returns the PEM of the key that signed the request's token; without a valid token, the key of the last valid one. Returns
 * undefined for a handshake: its token may have an unknown key, so Clerk's middleware must fetch the keys.
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
