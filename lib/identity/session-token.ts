/**
 * Verifies Clerk's session token and returns its claims. The signature is verified with a pinned key, or else with Clerk's keys
 * (`session-keys.ts`).
 */
import type { KeyObject } from "node:crypto";
import { LRUCache } from "lru-cache";
import { z } from "zod";
import { type Env, env } from "../env";
import {
  acceptedKeyId,
  type ClaimsVerdict,
  checkClaims,
  type Expectations,
  type SessionClaims,
} from "./claims";
import { findClerkSigner, findPinnedSigner, pinnedKeys, type SignedToken } from "./session-keys";

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

type Accepted = Extract<ClaimsVerdict, { ok: true }> & {
  /** The key that signed the token. */
  signer: KeyObject;
  /** True if keys are pinned, but Clerk signed the token with another key. */
  isPinOutdated: boolean;
};
export type TokenVerdict = Accepted | Extract<ClaimsVerdict, { ok: false }>;

type Parts = SignedToken & { payload: unknown };

function decode(segment: string): unknown {
  return JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
}

/** Caches the key id of each accepted header. All tokens signed with one key have the same header text. */
const keyIds = new LRUCache<string, { kid: string | null }>({ max: 16 });

function keyIdOf(head: string): string | null | undefined {
  const cached = keyIds.get(head);
  if (cached) return cached.kid;
  const kid = acceptedKeyId(decode(head));
  if (kid !== undefined) keyIds.set(head, { kid });
  return kid;
}

const issuedAt = z.object({ iat: z.number() });

/** Splits and decodes a token without verifying it. Null when it is not a JWT with an accepted header. */
function decodeUnverified(token: string): Parts | null {
  if (!COMPACT.test(token)) return null;
  const [head = "", body = "", signature = ""] = token.split(".");
  try {
    const kid = keyIdOf(head);
    if (kid === undefined) return null;
    const payload = decode(body);
    return {
      kid,
      payload,
      signed: `${head}.${body}`,
      signature: Buffer.from(signature, "base64url"),
      issuedAt: issuedAt.safeParse(payload).data?.iat ?? 0,
    };
  } catch {
    return null;
  }
}

/**
 * Returns the key id from the token's header; null if the header has no key id. Undefined if the token is not a JWT with an
 * accepted header.
 */
export function unverifiedKeyId(token: string): string | null | undefined {
  return decodeUnverified(token)?.kid;
}

let expectations: { of: Env; value: Expectations } | undefined;

/**
 * Returns the issuers and the `azp` that are accepted. The issuer is the host of Clerk's Frontend API; if the app proxies this
 * API, the proxy's URL is accepted too.
 */
function expectedClaims(): Expectations {
  const current = env();
  if (expectations?.of !== current) {
    const { frontendApiHost, proxyUrl, appUrl } = current;
    const issuers = [
      `https://${frontendApiHost}`,
      ...(proxyUrl ? [new URL(proxyUrl, appUrl).href] : []),
    ];
    expectations = { of: current, value: { issuers, authorizedParty: appUrl } };
  }
  return expectations.value;
}

/**
 * True if the token is of a pending session: the user still has a session task to do. The token is not verified: use the result
 * only for a redirect to the sign-in page.
 */
export function isPendingUnverified(token: string): boolean {
  return z.object({ sts: z.literal("pending") }).safeParse(decodeUnverified(token)?.payload)
    .success;
}

/** True for a well-formed token whose issuer is another Clerk instance. The token is not verified. */
export function isOfAnotherInstance(token: string): boolean {
  const issuer = z.object({ iss: z.string() }).safeParse(decodeUnverified(token)?.payload)
    .data?.iss;
  return issuer !== undefined && !expectedClaims().issuers.includes(issuer);
}

export async function verifySessionToken(token: string): Promise<TokenVerdict> {
  const parts = decodeUnverified(token);
  if (!parts) return { ok: false, reason: "invalid" };
  const verdict = checkClaims(parts.payload, expectedClaims(), Date.now() / 1000);
  // The claims are checked before the signature, because checking the signature may need a request to Clerk.
  if (!verdict.ok) return verdict;
  const pinned = findPinnedSigner(parts);
  if (pinned) return { ...verdict, signer: pinned, isPinOutdated: false };
  const signer = await findClerkSigner(parts);
  if (typeof signer === "string") return { ok: false, reason: signer };
  return { ...verdict, signer, isPinOutdated: pinnedKeys().length > 0 };
}

/**
 * Resolves to the claims of a token that was valid when Clerk issued it, however long ago. The claims say who was signed in, and
 * grant no access. Null if the token is invalid, or if Clerk's keys are needed and cannot be fetched.
 */
export async function claimsWhenIssued(token: string): Promise<SessionClaims | null> {
  const parts = decodeUnverified(token);
  const verdict = parts && checkClaims(parts.payload, expectedClaims(), parts.issuedAt);
  if (!parts || !verdict?.ok) return null;
  const signer = findPinnedSigner(parts) ?? (await findClerkSigner(parts));
  return typeof signer === "string" ? null : verdict.claims;
}
