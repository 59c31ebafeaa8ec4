/**
 * Clerk's session token to the claims we rely on. Always verified, never only decoded. With a pinned key the signature is
 * checked here and nobody is asked; without one, by Clerk's verifier, which fetches and caches the instance's keys.
 */
import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { verifyToken } from "@clerk/backend";
import { TokenVerificationErrorReason } from "@clerk/backend/errors";
import { LRUCache } from "lru-cache";
import { type Env, env } from "../env";
import {
  CLOCK_SKEW_S,
  checkClaims,
  type Expectations,
  isAcceptedHeader,
  type TokenRefusal,
  type TokenVerdict,
} from "./claims";

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

type Parts = { payload: unknown; signed: string; signature: Buffer };

function decode(segment: string): unknown {
  return JSON.parse(Buffer.from(segment, "base64url").toString("utf8"));
}

/** The header of every token of one key is the same text: judged once. */
const goodHeaders = new LRUCache<string, true>({ max: 16 });

function isAcceptedHeaderCached(head: string): boolean {
  if (goodHeaders.get(head)) return true;
  const isGood = isAcceptedHeader(decode(head));
  if (isGood) goodHeaders.set(head, true);
  return isGood;
}

/** The parts of a token, none of them believed yet. Null when it is not a JWT of the kind Clerk makes. */
function decodeUnverified(token: string): Parts | null {
  if (!COMPACT.test(token)) return null;
  const [head = "", body = "", signature = ""] = token.split(".");
  try {
    if (!isAcceptedHeaderCached(head)) return null;
    return {
      payload: decode(body),
      signed: `${head}.${body}`,
      signature: Buffer.from(signature, "base64url"),
    };
  } catch {
    return null;
  }
}

/** Importing the key takes longer than checking a signature with it. */
let pinned: { pem: string; key: KeyObject } | undefined;

function keyOf(pem: string): KeyObject {
  if (pinned?.pem !== pem) pinned = { pem, key: createPublicKey(pem) };
  return pinned.key;
}

let expectations: { of: Env; value: Expectations } | undefined;

/** Clerk issues tokens as its Frontend API's host, or as the proxy's URL when there is one. */
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

function refusalOf(error: unknown): TokenRefusal {
  const reason =
    typeof error === "object" && error !== null && "reason" in error ? error.reason : undefined;
  switch (reason) {
    case TokenVerificationErrorReason.TokenExpired:
      return "expired";
    case TokenVerificationErrorReason.RemoteJWKFailedToLoad:
    case TokenVerificationErrorReason.JWKFailedToResolve:
      return "unavailable";
    default:
      return "invalid";
  }
}

/** Asks Clerk for the keys of the instance when it has not yet, and refuses what is not signed by one of them. */
async function refusalByClerkKeys(token: string): Promise<TokenRefusal | null> {
  const { secretKey, apiUrl } = env();
  try {
    await verifyToken(token, {
      secretKey,
      ...(apiUrl && { apiUrl }),
      headerType: "JWT",
      clockSkewInMs: CLOCK_SKEW_S * 1000,
    });
    return null;
  } catch (error) {
    return refusalOf(error);
  }
}

export async function verifySessionToken(token: string): Promise<TokenVerdict> {
  const parts = decodeUnverified(token);
  if (!parts) return { ok: false, reason: "invalid" };
  const { jwtKey } = env();
  if (jwtKey) {
    const isSigned = verify(
      "RSA-SHA256",
      Buffer.from(parts.signed),
      keyOf(jwtKey),
      parts.signature,
    );
    if (!isSigned) return { ok: false, reason: "invalid" };
  } else {
    const reason = await refusalByClerkKeys(token);
    if (reason) return { ok: false, reason };
  }
  return checkClaims(parts.payload, expectedClaims(), Date.now() / 1000);
}
