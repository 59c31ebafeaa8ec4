/**
 * Clerk's session token to the claims we rely on. Always verified, never only decoded; also checks what Clerk's
 * verifier leaves out: issuer, type, pending sessions, and that the subject is a user.
 * Claims: https://clerk.com/docs/guides/sessions/session-tokens
 */
import { verifyToken } from "@clerk/backend";
import { TokenVerificationErrorReason } from "@clerk/backend/errors";
import { z } from "zod";
import { env } from "../env";

const claimsOfToken = z.object({
  sub: z.string().regex(/^user_\w+$/),
  sid: z.string().min(1),
  iss: z.string(),
  exp: z.number(),
  sts: z.literal("active").optional(),
  o: z.object({ id: z.string().min(1) }).optional(),
  act: z.object({ sub: z.string().min(1) }).optional(),
});

export type SessionClaims = {
  userId: string;
  sessionId: string;
  /** The active organization, as the token says. */
  organizationId: string | null;
  /** Who acts in this person's name, when the session is an impersonation. */
  impersonatorId: string | null;
};

/** Why a token is not accepted. `unavailable`: it could not be checked, which says nothing about the person. */
export type TokenRefusal = "missing" | "expired" | "invalid" | "unavailable";

export type TokenVerdict =
  | { ok: true; claims: SessionClaims }
  | { ok: false; reason: TokenRefusal };

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

/** Clerk issues tokens as its Frontend API's host, or as the proxy's URL when there is one. */
function isOurIssuer(issuer: string): boolean {
  const { frontendApiHost, proxyUrl, appUrl } = env();
  return (
    issuer === `https://${frontendApiHost}` ||
    (proxyUrl !== undefined && issuer === new URL(proxyUrl, appUrl).href)
  );
}

export async function verifySessionToken(token: string): Promise<TokenVerdict> {
  const { jwtKey, secretKey, apiUrl, appUrl } = env();
  try {
    const payload = await verifyToken(token, {
      ...(jwtKey ? { jwtKey } : { secretKey, ...(apiUrl && { apiUrl }) }),
      authorizedParties: [appUrl],
      headerType: "JWT",
    });
    const parsed = claimsOfToken.safeParse(payload);
    if (!parsed.success || !isOurIssuer(parsed.data.iss)) return { ok: false, reason: "invalid" };
    const { sub, sid, o, act } = parsed.data;
    return {
      ok: true,
      claims: {
        userId: sub,
        sessionId: sid,
        organizationId: o?.id ?? null,
        impersonatorId: act?.sub ?? null,
      },
    };
  } catch (error) {
    return { ok: false, reason: refusalOf(error) };
  }
}
