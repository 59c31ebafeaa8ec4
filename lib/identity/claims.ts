/**
 * Checks the claims of a session token. The caller must also verify the token's signature before it uses the claims. Pure. Checks
 * what Clerk's verifier does not: the issuer, `typ`, that the session is not pending, and that the subject is a user.
 * Claims: https://clerk.com/docs/guides/sessions/session-tokens
 */
import { z } from "zod";
import { isAuthorizedParty } from "./authorized-party";

/** The allowed clock skew between Clerk and this machine, in seconds. */
export const CLOCK_SKEW_S = 5;

/** Why a token is refused. `unavailable`: the keys could not be loaded, so the token may be valid. */
export type TokenRefusal = "missing" | "expired" | "invalid" | "unavailable";

export type SessionClaims = {
  userId: string;
  sessionId: string;
  /** The id of the active organization in the token. */
  organizationId: string | null;
  /** The id of the user who impersonates this user; null in an ordinary session. */
  impersonatorId: string | null;
  /** The time at which the token expires, in seconds since the epoch, without {@link CLOCK_SKEW_S}. */
  expiresAt: number;
  /**
   * The time at which the session last verified each factor, in seconds since the epoch; null if never, or if the token lacks
   * `fva`.
   */
  verifiedAt: { first: number | null; second: number | null };
};

export type ClaimsVerdict =
  | { ok: true; claims: SessionClaims }
  | { ok: false; reason: TokenRefusal };

export type Expectations = {
  issuers: string[];
  /** The value that a token's `azp` must have. A token without `azp`, such as that of a native app, is also accepted. */
  authorizedParty: string;
};

const header = z.object({
  kid: z.string().optional(),
  alg: z.literal("RS256"),
  typ: z.literal("JWT"),
  // `crit` names extensions that a verifier must support. This verifier supports none.
  crit: z.undefined().optional(),
});

const payload = z.object({
  sub: z.string().regex(/^user_\w+$/),
  sid: z.string().min(1),
  iss: z.string(),
  // A customized session token may contain null instead of leaving a claim out.
  azp: z.string().nullish(),
  exp: z.number(),
  nbf: z.number().nullish(),
  iat: z.number().nullish(),
  sts: z.literal("active").optional(),
  o: z.object({ id: z.string().min(1) }).nullish(),
  /** The active organization in tokens of version 1, which have no `v`. */
  org_id: z.string().min(1).nullish(),
  act: z.object({ sub: z.string().min(1) }).nullish(),
  /** Minutes since the first and the second factor were verified, as of `iat`; -1 for never. Malformed values count as never. */
  fva: z.tuple([z.number(), z.number()]).nullish().catch(null),
});

/** Returns the key id from a token's header; null if the header has no key id, undefined if the header is not accepted. */
export function acceptedKeyId(value: unknown): string | null | undefined {
  const { data } = header.safeParse(value);
  return data && (data.kid ?? null);
}

export function isExpired(claims: SessionClaims, nowSeconds: number): boolean {
  return nowSeconds >= claims.expiresAt + CLOCK_SKEW_S;
}

function verifiedAt(age: number | undefined, issuedAt: number | null | undefined): number | null {
  return age === undefined || age < 0 || issuedAt == null ? null : issuedAt - age * 60;
}

/** Parses the payload and checks issuer, authorized party and times. Never throws. */
export function checkClaims(
  value: unknown,
  { issuers, authorizedParty }: Expectations,
  nowSeconds: number,
): ClaimsVerdict {
  const parsed = payload.safeParse(value);
  if (!parsed.success) return { ok: false, reason: "invalid" };
  const { sub, sid, iss, azp, exp, nbf, iat, o, org_id, act, fva } = parsed.data;
  const isForThisApp = issuers.includes(iss) && isAuthorizedParty(azp, authorizedParty);
  const latestStart = nowSeconds + CLOCK_SKEW_S;
  if (!isForThisApp || (nbf ?? 0) > latestStart || (iat ?? 0) > latestStart)
    return { ok: false, reason: "invalid" };
  const claims = {
    userId: sub,
    sessionId: sid,
    organizationId: o?.id ?? org_id ?? null,
    impersonatorId: act?.sub ?? null,
    expiresAt: exp,
    verifiedAt: { first: verifiedAt(fva?.[0], iat), second: verifiedAt(fva?.[1], iat) },
  };
  return isExpired(claims, nowSeconds) ? { ok: false, reason: "expired" } : { ok: true, claims };
}
