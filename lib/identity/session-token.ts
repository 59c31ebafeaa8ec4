/**
 * Verifies Clerk's session token and returns its claims. With CLERK_JWT_KEY the signature is checked here, without a network
 * call. Without it, Clerk's verifier checks it; that fetches and caches the public keys of the instance.
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

/** All tokens of one key have the same header text, so it is parsed and checked once. */
const acceptedHeaders = new LRUCache<string, true>({ max: 16 });

function isAcceptedHeaderCached(head: string): boolean {
  if (acceptedHeaders.get(head)) return true;
  const isAccepted = isAcceptedHeader(decode(head));
  if (isAccepted) acceptedHeaders.set(head, true);
  return isAccepted;
}

/** Splits and decodes a token without verifying it. Null when it is not a JWT with an accepted header. */
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

/** The imported key is kept: importing takes longer than verifying a signature. */
let pinned: { pem: string; key: KeyObject } | undefined;

function keyOf(pem: string): KeyObject {
  if (pinned?.pem !== pem) pinned = { pem, key: createPublicKey(pem) };
  return pinned.key;
}

let expectations: { of: Env; value: Expectations } | undefined;

/** The issuer is the host of Clerk's Frontend API, or the proxy's URL when the app has a proxy. */
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

/** Verifies the signature with the instance's keys, which Clerk's verifier fetches when they are not cached. Null when it is valid. */
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
