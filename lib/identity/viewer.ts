/**
 * Who is asking: headers to viewer, the one place that decides it. A viewer is a verified token, a session that is not
 * over, *and* a person whom the mirror has; a failing database or Clerk is never taken for "signed out".
 */
import { createHash } from "node:crypto";
import { env } from "../env";
import { listener } from "../live/listener";
import { log } from "../log";
import type { SessionClaims, TokenRefusal } from "./claims";
import { handleOf } from "./handle";
import { recordImpersonation } from "./impersonation";
import { provisionUser } from "./provision";
import { findSessionUser, type SessionUser } from "./session-user";
import { SessionUserCache } from "./session-user-cache";
import { cachedClaims, verifyTokenCached } from "./token-cache";

const CACHED_SESSIONS = 10_000;

export type Viewer = {
  user: SessionUser;
  /** The membership of the active organization; null when none is active, or the mirror does not know it (yet). */
  activeMembership: SessionUser["memberships"][number] | null;
  /** A platform admin. Whether they may write is {@link mayAdminister}'s to say. */
  isAdmin: boolean;
  /** Who acts in this person's name, when the session is an impersonation. */
  impersonatorId: string | null;
  /** Nothing but the token is known of this person yet; the mirror follows. */
  isProvisional: boolean;
  /** What was verified; whatever outlives a request asks with it again. */
  claims: SessionClaims;
};

/** Why there is no viewer. `revoked`: the token is good, but its session is over, or the person deleted or banned. */
export type Refusal = TokenRefusal | "revoked";

export type ViewerResult = { viewer: Viewer } | { viewer: null; reason: Refusal };

/** May this viewer change what is not theirs? Somebody who acts in an admin's name may look, not touch. */
export function mayAdminister(viewer: Viewer | null): boolean {
  return viewer?.isAdmin === true && viewer.impersonatorId === null;
}

function cookieNamed(header: string | null, name: string): string | undefined {
  const pair = header?.split(/;\s*/).find((part) => part.startsWith(`${name}=`));
  return pair?.slice(name.length + 1) || undefined;
}

let suffix: string | undefined;

/** Clerk suffixes its cookies with 8 characters of the publishable key's SHA-1, so that apps can share a host. */
function cookieSuffix(): string {
  suffix ??= createHash("sha1").update(env().publishableKey).digest("base64url").slice(0, 8);
  return suffix;
}

/** The bearer token, else Clerk's session cookie. An Authorization header of another kind is refused, not passed over. */
function tokenOf(
  headers: Headers,
): { token: string } | { token: null; reason: "missing" | "invalid" } {
  const authorization = headers.get("authorization");
  if (authorization !== null) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return { token: null, reason: "invalid" };
    return token === "null" || token === "undefined"
      ? { token: null, reason: "missing" }
      : { token };
  }
  // After its handshake the middleware holds a newer token than the request's cookie. Verified like any other.
  const refreshed = headers.get("x-clerk-auth-token");
  if (refreshed) return { token: refreshed };
  const cookies = headers.get("cookie");
  const token =
    cookieNamed(cookies, `__session_${cookieSuffix()}`) ?? cookieNamed(cookies, "__session");
  return token ? { token } : { token: null, reason: "missing" };
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallPeople?: SessionUserCache };

function sessionUsers(): SessionUserCache {
  store.rollcallPeople ??= new SessionUserCache(findSessionUser, listener(), CACHED_SESSIONS);
  return store.rollcallPeople;
}

function viewerOf(user: SessionUser, claims: SessionClaims): Viewer {
  const { organizationId, impersonatorId } = claims;
  return {
    user,
    activeMembership:
      user.memberships.find((membership) => membership.organizationId === organizationId) ?? null,
    isAdmin: user.isAdmin,
    impersonatorId,
    isProvisional: user.state === "unknown",
    claims,
  };
}

/** A handle is made on the first call; that there is none yet is no reason to refuse somebody. */
async function withHandle(user: SessionUser): Promise<SessionUser> {
  if (user.handle !== null) return user;
  try {
    return { ...user, handle: await handleOf(user.id) };
  } catch (error) {
    log.error("no handle could be made", { userId: user.id }, error);
    return user;
  }
}

function isRevoked(user: SessionUser): boolean {
  return user.isSessionOver || user.isBanned || user.state === "deleted";
}

/** The person of a session, fetched from Clerk if no event of them has come. Null: not (or no longer) one of ours. */
async function findOrProvision({ userId, sessionId }: SessionClaims): Promise<SessionUser | null> {
  let user = await sessionUsers().find(userId, sessionId);
  if (user.state === "unknown" && !user.isSessionOver) {
    if ((await provisionUser(userId)) === "unknown") return null;
    user = await sessionUsers().find(userId, sessionId);
  }
  if (isRevoked(user)) return null;
  return user.state === "mirrored" ? withHandle(user) : user;
}

/** What is known already of a request by somebody whose every question was answered before; null otherwise. */
function cachedResult(token: string): ViewerResult | null {
  const claims = cachedClaims(token);
  if (!claims || claims.impersonatorId !== null) return null;
  const user = sessionUsers().cached(claims.userId, claims.sessionId);
  if (user?.state !== "mirrored" || user.handle === null || isRevoked(user)) return null;
  return { viewer: viewerOf(user, claims) };
}

/** Who a verified token stands for now. Asked again by whatever outlives a request. */
export async function findViewerByClaims(claims: SessionClaims): Promise<ViewerResult> {
  try {
    const user = await findOrProvision(claims);
    if (user) await recordImpersonation(claims);
    return user ? { viewer: viewerOf(user, claims) } : { viewer: null, reason: "revoked" };
  } catch (error) {
    log.error("viewer unknown: the mirror did not answer", { userId: claims.userId }, error);
    return { viewer: null, reason: "unavailable" };
  }
}

export async function findViewer(headers: Headers): Promise<ViewerResult> {
  const found = tokenOf(headers);
  if (found.token === null) return { viewer: null, reason: found.reason };
  // Most requests are warm, and waiting for nothing costs more than looking: each promise drags Next's stores along.
  const warm = cachedResult(found.token);
  if (warm) return warm;
  const verdict = await verifyTokenCached(found.token);
  if (!verdict.ok) return { viewer: null, reason: verdict.reason };
  return findViewerByClaims(verdict.claims);
}
