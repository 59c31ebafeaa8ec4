/**
 * What must be true of a session token's claims, whoever checked its signature. Pure. Checks what Clerk's verifier leaves
 * out: issuer, type, pending sessions, and that the subject is a user.
 * Claims: https://clerk.com/docs/guides/sessions/session-tokens
 */
import { z } from "zod";
import { isAuthorizedParty } from "./authorized-party";

/** How far the clocks of Clerk and of this machine may be apart. */
export const CLOCK_SKEW_S = 5;

/** Why a token is not accepted. `unavailable`: it could not be checked, which says nothing about the person. */
export type TokenRefusal = "missing" | "expired" | "invalid" | "unavailable";

export type SessionClaims = {
  userId: string;
  sessionId: string;
  /** The active organization, as the token says. */
  organizationId: string | null;
  /** Who acts in this person's name, when the session is an impersonation. */
  impersonatorId: string | null;
  /** Seconds since the epoch; the skew comes on top. */
  expiresAt: number;
};

export type TokenVerdict =
  | { ok: true; claims: SessionClaims }
  | { ok: false; reason: TokenRefusal };

export type Expectations = {
  issuers: string[];
  /** The only origin a browser's token may be made for; a token of a native app names none. */
  authorizedParty: string;
};

const header = z.object({
  alg: z.literal("RS256"),
  typ: z.literal("JWT"),
  // Extensions that must be understood: we know none.
  crit: z.undefined().optional(),
});

const payload = z.object({
  sub: z.string().regex(/^user_\w+$/),
  sid: z.string().min(1),
  iss: z.string(),
  azp: z.string().optional(),
  exp: z.number(),
  nbf: z.number().optional(),
  iat: z.number().optional(),
  sts: z.literal("active").optional(),
  o: z.object({ id: z.string().min(1) }).optional(),
  /** Where tokens of version 1, which have no `v`, name the active organization. */
  org_id: z.string().min(1).optional(),
  act: z.object({ sub: z.string().min(1) }).optional(),
});

export function isAcceptedHeader(value: unknown): boolean {
  return header.safeParse(value).success;
}

export function isExpired(claims: SessionClaims, nowSeconds: number): boolean {
  return nowSeconds >= claims.expiresAt + CLOCK_SKEW_S;
}

/** Judges claims whose signature is good. */
export function checkClaims(
  value: unknown,
  { issuers, authorizedParty }: Expectations,
  nowSeconds: number,
): TokenVerdict {
  const parsed = payload.safeParse(value);
  if (!parsed.success) return { ok: false, reason: "invalid" };
  const { sub, sid, iss, azp, exp, nbf, iat, o, org_id, act } = parsed.data;
  const isForUs = issuers.includes(iss) && isAuthorizedParty(azp, authorizedParty);
  const latest = nowSeconds + CLOCK_SKEW_S;
  if (!isForUs || (nbf ?? 0) > latest || (iat ?? 0) > latest)
    return { ok: false, reason: "invalid" };
  const claims = {
    userId: sub,
    sessionId: sid,
    organizationId: o?.id ?? org_id ?? null,
    impersonatorId: act?.sub ?? null,
    expiresAt: exp,
  };
  return isExpired(claims, nowSeconds) ? { ok: false, reason: "expired" } : { ok: true, claims };
}
