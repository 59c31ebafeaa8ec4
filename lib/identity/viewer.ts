/**
 * Authentication: the only place that finds the viewer from the request headers. A viewer needs a verified token, a session that
 * is not over, and a user who is not deleted or banned. A failure of the database or of Clerk never means "signed out".
 */
import { isKnownCurrent, requireCurrentDatabase } from "../erasure/restore";
import { listener } from "../live/listener";
import { log } from "../log";
import type { SessionClaims, TokenRefusal } from "./claims";
import { ensureHandleOnce } from "./handle";
import { recordImpersonation } from "./impersonation";
import { provisionUser } from "./provision";
import { tokenOf } from "./request-token";
import { claimsWhenIssued } from "./session-token";
import { findSessionUser, type SessionUser } from "./session-user";
import { SessionUserCache } from "./session-user-cache";
import { cachedClaims, verifyTokenCached } from "./token-cache";

const CACHED_SESSIONS = 10_000;

export type Viewer = {
  user: SessionUser;
  /** The membership in the active organization; null when no organization is active or the membership is not mirrored. */
  activeMembership: SessionUser["memberships"][number] | null;
  /** True for a platform admin, who may read everything. For writes check {@link mayAdminister}. */
  isAdmin: boolean;
  /** The id of the user who impersonates this user; null in an ordinary session. */
  impersonatorId: string | null;
  /** True if the user is not mirrored yet: only the token's claims are known. */
  isProvisional: boolean;
  /** The verified claims, from which a stream finds its viewer again at each event. */
  claims: SessionClaims;
};

/**
 * Why there is no viewer. `revoked`: the token is valid, but its session is over, or its user is deleted, banned or unknown to
 * Clerk.
 */
export type Refusal = TokenRefusal | "revoked";

export type ViewerResult = { viewer: Viewer } | { viewer: null; reason: Refusal };

/** True if this viewer may change the data of other users. False while impersonating an admin: that session may only read. */
export function mayAdminister(viewer: Viewer | null): boolean {
  return viewer?.isAdmin === true && viewer.impersonatorId === null;
}

/** Kept on globalThis because `next dev` evaluates modules again on every change. */
const store = globalThis as typeof globalThis & { rollcallSessionUsers?: SessionUserCache };

function sessionUsers(): SessionUserCache {
  store.rollcallSessionUsers ??= new SessionUserCache(findSessionUser, listener(), CACHED_SESSIONS);
  return store.rollcallSessionUsers;
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

/**
 * Adds a handle to the user, and creates it on the user's first call. If that fails, logs the error and resolves to the user
 * without a handle.
 */
async function withHandle(user: SessionUser): Promise<SessionUser> {
  if (user.handle !== null) return user;
  try {
    return { ...user, handle: await ensureHandleOnce(user.id) };
  } catch (error) {
    log.error("handle not created", { userId: user.id }, error);
    return user;
  }
}

function isRevoked(user: SessionUser): boolean {
  return user.isSessionOver || user.isBanned || user.state === "deleted";
}

/**
 * Resolves to the user of a session, who is fetched from Clerk if no event of the user has arrived. Null when access is revoked
 * or Clerk has no such user.
 */
async function findOrProvision({ userId, sessionId }: SessionClaims): Promise<SessionUser | null> {
  let user = await sessionUsers().find(userId, sessionId);
  if (user.state === "unknown" && !user.isSessionOver) {
    if ((await provisionUser(userId)) === "unknown") return null;
    user = await sessionUsers().find(userId, sessionId);
  }
  if (isRevoked(user)) return null;
  return user.state === "mirrored" ? withHandle(user) : user;
}

/**
 * Returns the viewer from the caches alone; null if any part is not cached. Always null for an impersonated session, because its
 * audit entry must be written first.
 */
function cachedResult(token: string): ViewerResult | null {
  const claims = cachedClaims(token);
  if (!claims || claims.impersonatorId !== null) return null;
  const user = sessionUsers().cached(claims.userId, claims.sessionId);
  if (user?.state !== "mirrored" || user.handle === null || isRevoked(user)) return null;
  return { viewer: viewerOf(user, claims) };
}

/** Resolves to the current viewer for verified claims. Streams call it at each event, because access may have ended meanwhile. */
export async function findViewerByClaims(claims: SessionClaims): Promise<ViewerResult> {
  try {
    await requireCurrentDatabase();
    const user = await findOrProvision(claims);
    if (user) await recordImpersonation(claims);
    return user ? { viewer: viewerOf(user, claims) } : { viewer: null, reason: "revoked" };
  } catch (error) {
    log.error("viewer not found: the database did not answer", { userId: claims.userId }, error);
    return { viewer: null, reason: "unavailable" };
  }
}

export async function findViewer(headers: Headers): Promise<ViewerResult> {
  const found = tokenOf(headers);
  if (found.token === null) return { viewer: null, reason: found.reason };
  // Most requests are cache hits, which this path serves without an await: each await restores Next's async storage and takes
  // time.
  const cached = isKnownCurrent() ? cachedResult(found.token) : null;
  if (cached) return cached;
  const verdict = await verifyTokenCached(found.token);
  if (!verdict.ok) return { viewer: null, reason: verdict.reason };
  return findViewerByClaims(verdict.claims);
}

/**
 * Resolves to the id of the user in the request's token, even if the token has expired or the session has ended. Null without a
 * token, or if the token was not valid when it was issued or cannot be verified now. Grants no access.
 */
export async function findFormerUserId(headers: Headers): Promise<string | null> {
  const { token } = tokenOf(headers);
  return token === null ? null : ((await claimsWhenIssued(token))?.userId ?? null);
}
