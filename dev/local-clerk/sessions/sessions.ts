// Creates clients (browsers). Starts, finds and ends their sessions, and emits the events of these changes.

import type { ClerkContext } from "../context";
import { alreadySignedIn, impersonating, sessionExists, userBanned, userLocked } from "../errors";
import { newId, randomToken } from "../ids";
import { currentRequest } from "../request-context";
import { isLocked } from "../resources/user";
import type {
  ClientRecord,
  SessionRecord,
  SignInRecord,
  SignUpRecord,
  UserRecord,
} from "../store/records";
import { emit } from "../webhooks/events";
import { sessionForWebhook } from "./session-json";
import { sessionTasks } from "./tasks";

const monthMs = 30 * 86_400_000;

export function createClient(context: ClerkContext): ClientRecord {
  const now = context.clock.now();
  return context.state.clients.put({
    id: newId("client", now),
    token: randomToken(43),
    lastActiveSessionId: null,
    lastAuthenticationStrategy: null,
    signInId: null,
    signUpId: null,
    uat: 0,
    createdAt: now,
    updatedAt: now,
  });
}

export function updateClient(
  context: ClerkContext,
  clientId: string,
  patch: Partial<ClientRecord>,
): ClientRecord | undefined {
  const client = context.state.clients.get(clientId);
  if (!client) return undefined;
  return context.state.clients.put({ ...client, ...patch, updatedAt: context.clock.now() });
}

export function isLive(context: ClerkContext, session: SessionRecord): boolean {
  return (
    (session.status === "active" || session.status === "pending") &&
    session.expireAt > context.clock.now() &&
    context.state.users.get(session.userId) !== undefined
  );
}

/** Whether the time `abandonAt` of the sign-in or sign-up has passed. Callers then treat the sign-in or sign-up as missing. */
export function isAbandoned(
  context: ClerkContext,
  { abandonAt }: SignInRecord | SignUpRecord,
): boolean {
  return abandonAt <= context.clock.now();
}

export function liveSessions(context: ClerkContext, clientId: string): SessionRecord[] {
  return context.state.sessionsByClient.all(clientId).filter((session) => isLive(context, session));
}

export function liveSessionsOfUser(context: ClerkContext, userId: string): SessionRecord[] {
  return context.state.sessionsByUser.all(userId).filter((session) => isLive(context, session));
}

/**
 * Throws if Clerk refuses a further session in this browser. Clerk refuses it for a user who is signed in there already (unless
 * the new session impersonates that user), beside an impersonated session, and beside any session in single-session mode.
 */
export function requireNotSignedIn(
  context: ClerkContext,
  clientId: string,
  userId: string | null,
  { isImpersonation = false }: { isImpersonation?: boolean } = {},
): void {
  const sessions = liveSessions(context, clientId);
  const sameUser = sessions.find((session) => session.userId === userId);
  const isSecond = sameUser && !isImpersonation && context.settings.sessions === "multi";
  if (isSecond) throw alreadySignedIn(sameUser.id);
  if (sessions.length > 0 && context.settings.sessions === "single") throw sessionExists();
  if (sessions.some(({ actor }) => actor !== null)) throw impersonating();
}

export function requireNotBannedOrLocked(context: ClerkContext, user: UserRecord): void {
  if (user.isBanned) throw userBanned();
  if (!isLocked(context, user)) return;
  const left = (user.lockedUntil ?? 0) - context.clock.now();
  throw userLocked(left > 0 ? Math.ceil(left / 1000) : null);
}

function describeBrowser(userAgent: string) {
  const [, browserName = "Unknown", browserVersion = ""] =
    /(Firefox|Edg|Chrome|Safari)\/([\d.]+)/.exec(userAgent) ?? [];
  const isMobile = /Mobile|Android|iPhone/.test(userAgent);
  const deviceType = /Macintosh|Windows|Linux|iPhone|Android/.exec(userAgent)?.[0] ?? "Unknown";
  return { browserName, browserVersion, isMobile, deviceType };
}

export function startSession(
  context: ClerkContext,
  clientId: string,
  user: UserRecord,
  strategy: string,
  given: Partial<SessionRecord> = {},
): SessionRecord {
  const now = context.clock.now();
  const scope = currentRequest();
  const lastActiveOrganizationId =
    given.lastActiveOrganizationId ?? firstOrganization(context, user.id);
  const { actor = null } = given;
  const tasks = sessionTasks(context, { userId: user.id, lastActiveOrganizationId, actor });
  const isPending = tasks.length > 0;
  return context.state.change(() => {
    const session = context.state.sessions.make({
      id: newId("sess", now),
      clientId,
      userId: user.id,
      status: isPending ? "pending" : "active",
      lastActiveAt: now,
      expireAt: now + context.settings.sessionLifetimeMs,
      abandonAt: now + monthMs,
      verifiedAt: now,
      activity: {
        id: newId("sess_activity", now),
        ...describeBrowser(scope?.userAgent ?? ""),
        ipAddress: scope?.clientIp ?? "",
      },
      createdAt: now,
      updatedAt: now,
      ...given,
      lastActiveOrganizationId,
    });
    if (given.lastActiveOrganizationId) rememberOrganization(context, session);
    updateClient(context, clientId, {
      lastActiveSessionId: session.id,
      lastAuthenticationStrategy: strategy,
      uat: Math.floor(now / 1000),
    });
    emit(
      context,
      `session.${isPending ? "pending" : "created"}`,
      sessionForWebhook(context, session),
    );
    return session;
  });
}

/**
 * Returns the id of the organization that is active in a new session: the user's last active organization, or else the
 * organization that the user joined last. Returns null if the user's last choice was the personal account, unless the settings
 * require an organization.
 */
function firstOrganization(context: ClerkContext, userId: string): string | null {
  const memberships = context.state.membershipsByUser.all(userId);
  const chosen = context.state.users.get(userId)?.lastActiveOrganizationId;
  const isPersonal = chosen === null && !context.settings.needsOrganization;
  if (isPersonal || memberships.some((each) => each.organizationId === chosen)) {
    return chosen ?? null;
  }
  const [newest] = memberships.sort((a, b) => b.createdAt - a.createdAt);
  return newest?.organizationId ?? null;
}

/** Stores the session's organization for the user's next session, except in an impersonated session. */
export function rememberOrganization(context: ClerkContext, session: SessionRecord): void {
  const { userId, lastActiveOrganizationId, actor } = session;
  const user = context.state.users.get(userId);
  if (user && !actor) context.state.users.put({ ...user, lastActiveOrganizationId });
}

/** Activates a pending session whose tasks are done. Returns any other session unchanged. */
export function activateIfReady(context: ClerkContext, session: SessionRecord): SessionRecord {
  if (session.status !== "pending" || sessionTasks(context, session).length > 0) return session;
  const active = context.state.sessions.put({ ...session, status: "active" });
  emit(context, "session.created", sessionForWebhook(context, active));
  return active;
}

/** Activates the user's pending sessions whose tasks are done. Call it after a change of the user that may complete a task. */
export function activateReadySessions(context: ClerkContext, userId: string): void {
  for (const session of liveSessionsOfUser(context, userId)) activateIfReady(context, session);
}

export function endSession(
  context: ClerkContext,
  session: SessionRecord,
  status: "ended" | "removed" | "revoked",
): SessionRecord {
  const now = context.clock.now();
  return context.state.change(() => {
    const ended = context.state.sessions.put({ ...session, status, updatedAt: now });
    const left = liveSessions(context, session.clientId);
    const client = context.state.clients.get(session.clientId);
    const stillActive = left.find((each) => each.id === client?.lastActiveSessionId);
    updateClient(context, session.clientId, {
      lastActiveSessionId: (stillActive ?? left.at(-1))?.id ?? null,
      uat: left.length > 0 ? Math.floor(now / 1000) : 0,
    });
    emit(context, `session.${status}`, sessionForWebhook(context, ended));
    return ended;
  });
}
