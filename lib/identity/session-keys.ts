/**
 * The public keys that verify session tokens: those pinned in CLERK_JWT_KEY, and Clerk's own key set (JWKS). A pinned key needs
 * no request. The set is fetched when no pinned key has signed a token: Clerk has rotated its key, or no key is pinned.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { z } from "zod";
import { singleFlight } from "../coalesce";
import { type Env, env } from "../env";
import { log } from "../log";

/** The parts of a decoded token that verification needs. None of them is verified yet. */
export type SignedToken = {
  /** The key id from the token's header. */
  kid: string | null;
  signed: string;
  signature: Buffer;
  /** The claim `iat`, in seconds since the epoch; 0 if the token has none. */
  issuedAt: number;
};

const FETCH_TIMEOUT_MS = 3_000;
/**
 * The age at which the key set is fetched again. A key that Clerk withdraws is trusted no longer than this, if Clerk responds.
 */
const REFRESH_AFTER_MS = 5 * 60_000;
/** The age up to which the last key set is used while Clerk does not respond. */
const USABLE_FOR_MS = 60 * 60_000;
/**
 * The number of requests to Clerk that may be sent without a pause. After them, one request may be sent in each interval. This
 * limits the requests that tokens with invented key ids cause.
 */
const BURST = 3;
const FETCH_INTERVAL_MS = 10_000;

type KeySet = { keys: Map<string, KeyObject>; fetchedAt: number };

const jwk = z.object({
  kid: z.string().min(1),
  kty: z.literal("RSA"),
  n: z.string(),
  e: z.string(),
});
const jwks = z.object({ keys: z.array(z.unknown()) });

/**
 * Returns the RSA keys of a JWKS by key id. Skips keys of another type and keys that cannot be read. Empty if the value is no
 * JWKS.
 */
export function readKeySet(value: unknown): Map<string, KeyObject> {
  const { data: set } = jwks.safeParse(value);
  const keys = (set?.keys ?? []).flatMap((item): [string, KeyObject][] => {
    const { data } = jwk.safeParse(item);
    if (!data) return [];
    const { kid, ...key } = data;
    try {
      return [[kid, createPublicKey({ key, format: "jwk" })]];
    } catch {
      return [];
    }
  });
  return new Map(keys);
}

/** @throws if no key can be read. */
function parseKeySet(value: unknown): Map<string, KeyObject> {
  const keys = readKeySet(value);
  if (keys.size === 0) throw new Error("Clerk's key set has no key that can be read");
  return keys;
}

async function fetchKeySet(): Promise<KeySet> {
  const { apiUrl = "https://api.clerk.com", secretKey } = env();
  // The age of the set counts from the start of the request: a key that Clerk adds during the request may be missing.
  const fetchedAt = Date.now();
  const response = await fetch(`${apiUrl}/v1/jwks`, {
    headers: { authorization: `Bearer ${secretKey}` },
    // Without this, Next would cache the response, even across restarts.
    cache: "no-store",
    signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new Error(`Clerk answered ${response.status} to the request for its keys`);
  }
  return { keys: parseKeySet(await response.json()), fetchedAt };
}

let latest: KeySet | null = null;
let allowance = { requests: BURST, countedAt: 0 };

/** Takes one request from the allowance, which refills with time. False if the allowance is empty. */
function mayFetch(now: number): boolean {
  const refilled = (now - allowance.countedAt) / FETCH_INTERVAL_MS;
  const requests = Math.min(BURST, allowance.requests + Math.max(0, refilled));
  allowance = { requests: requests >= 1 ? requests - 1 : requests, countedAt: now };
  return requests >= 1;
}

const fetchOnce = singleFlight(async (): Promise<KeySet | null> => {
  if (!mayFetch(Date.now())) return null;
  try {
    latest = await fetchKeySet();
    return latest;
  } catch (error) {
    log.error("Clerk's public keys could not be fetched", {}, error);
    return null;
  }
});

const isYoungerThan = (set: KeySet | null, ms: number): set is KeySet =>
  set !== null && Date.now() - set.fetchedAt < ms;

/**
 * Resolves to Clerk's key set, which is fetched again when it is old. While Clerk does not respond, resolves to the last usable
 * set, or to null if there is none.
 */
async function findKeySet(): Promise<KeySet | null> {
  if (isYoungerThan(latest, REFRESH_AFTER_MS)) return latest;
  return (await fetchOnce()) ?? lastUsable();
}

const lastUsable = () => (isYoungerThan(latest, USABLE_FOR_MS) ? latest : null);

type Pinned = { of: Env; keys: KeyObject[] };
let pinned: Pinned | undefined;

/** Returns the pinned keys. They are imported once, because importing takes longer than verifying a signature. */
export function pinnedKeys(): KeyObject[] {
  const current = env();
  if (pinned?.of !== current)
    pinned = { of: current, keys: current.jwtKeys.map((pem) => createPublicKey(pem)) };
  return pinned.keys;
}

/**
 * Maps each key id to the pinned key that signed a token with this key id. Only a verified token adds an entry, so forged key ids
 * cannot fill this map.
 */
const pinnedByKid = new Map<string | null, KeyObject>();

function isSignedBy(key: KeyObject | undefined, { signed, signature }: SignedToken): boolean {
  return key !== undefined && verify("RSA-SHA256", Buffer.from(signed), key, signature);
}

/**
 * Returns the pinned key that signed the token, or undefined. Tries first the key that signed an earlier token with this key id,
 * and then the other pinned keys, because a PEM has no key id.
 */
export function findPinnedSigner(token: SignedToken): KeyObject | undefined {
  const known = pinnedByKid.get(token.kid);
  if (isSignedBy(known, token)) return known;
  const signer = pinnedKeys().find((key) => key !== known && isSignedBy(key, token));
  if (signer) pinnedByKid.set(token.kid, signer);
  return signer;
}

/**
 * Resolves to the key of Clerk that signed the token. Clerk publishes a key before signing with it, so a set fetched after the
 * token was issued contains the key. So only an older set is fetched again. `unavailable`: Clerk's keys could not be fetched, so
 * the signature may be valid.
 */
export async function findClerkSigner(
  token: SignedToken,
): Promise<KeyObject | "invalid" | "unavailable"> {
  const { kid, issuedAt } = token;
  if (kid === null) return "invalid";
  const signerIn = (set: KeySet | null) => {
    const key = set?.keys.get(kid);
    return isSignedBy(key, token) ? key : undefined;
  };
  const known = isYoungerThan(latest, REFRESH_AFTER_MS) ? latest : null;
  const signer = signerIn(known);
  if (signer) return signer;
  if (known && known.fetchedAt >= issuedAt * 1_000) return "invalid";
  const fetched = await fetchOnce();
  if (fetched) return signerIn(fetched) ?? "invalid";
  const old = signerIn(lastUsable());
  if (old) return old;
  // A pinned key has signed tokens with this key id, so this signature is forged, not made with a new key.
  return pinnedByKid.has(kid) ? "invalid" : "unavailable";
}

/**
 * Resolves to Clerk's keys, which are fetched if they are not cached or are old. Empty if they cannot be fetched and no usable
 * set is cached.
 */
export async function findClerkKeys(): Promise<KeyObject[]> {
  return [...((await findKeySet())?.keys.values() ?? [])];
}

/** True if a pinned key has signed a token with this key id, or Clerk's key set contains the key id. */
export async function isKnownKeyId(kid: string): Promise<boolean> {
  return pinnedByKid.has(kid) || ((await findKeySet())?.keys.has(kid) ?? false);
}
