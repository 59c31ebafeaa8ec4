// Browsers (clients) and the sessions in them: beginning, finding and ending them, and the events it
// causes.

import type { World } from "../context";
import { alreadySignedIn, impersonating, sessionExists, userBanned, userLocked } from "../errors";
import { newId, randomToken } from "../ids";
import { currentScope } from "../request-context";
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

const monthMs = 30 * 86_400_000;

export function createClient(world: World): ClientRecord {
  const now = world.clock.now();
  return world.state.clients.put({
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
  world: World,
  clientId: string,
  patch: Partial<ClientRecord>,
): ClientRecord | undefined {
  const client = world.state.clients.get(clientId);
  if (!client) return undefined;
  return world.state.clients.put({ ...client, ...patch, updatedAt: world.clock.now() });
}

export function isLive(world: World, session: SessionRecord): boolean {
  return (
    (session.status === "active" || session.status === "pending") &&
    session.expireAt > world.clock.now() &&
    world.state.users.get(session.userId) !== undefined
  );
}

/** What was begun and left for so long is as if it had never been. */
export function isAbandoned(world: World, { abandonAt }: SignInRecord | SignUpRecord): boolean {
  return abandonAt <= world.clock.now();
}

export function liveSessions(world: World, clientId: string): SessionRecord[] {
  return world.state.sessionsByClient.all(clientId).filter((session) => isLive(world, session));
}

export function liveSessionsOfUser(world: World, userId: string): SessionRecord[] {
  return world.state.sessionsByUser.all(userId).filter((session) => isLive(world, session));
}

/** Refuses another session where Clerk does: for the same person, beside an impersonation, or for anyone in single mode. */
export function requireNotSignedIn(world: World, clientId: string, userId: string | null): void {
  const sessions = liveSessions(world, clientId);
  const own = sessions.find((session) => session.userId === userId);
  if (own && world.settings.sessions === "multi") throw alreadySignedIn(own.id);
  if (sessions.length > 0 && world.settings.sessions === "single") throw sessionExists();
  if (sessions.some(({ actor }) => actor !== null)) throw impersonating();
}

export function requireMaySignIn(world: World, user: UserRecord): void {
  if (user.isBanned) throw userBanned();
  if (!isLocked(world, user)) return;
  const left = (user.lockedUntil ?? 0) - world.clock.now();
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
  world: World,
  clientId: string,
  user: UserRecord,
  strategy: string,
  given: Partial<SessionRecord> = {},
): SessionRecord {
  const now = world.clock.now();
  const scope = currentScope();
  const isPending = world.settings.needsOrganization && !given.lastActiveOrganizationId;
  return world.state.change(() => {
    const session = world.state.sessions.make({
      id: newId("sess", now),
      clientId,
      userId: user.id,
      status: isPending ? "pending" : "active",
      lastActiveOrganizationId: null,
      lastActiveAt: now,
      expireAt: now + world.settings.sessionLifetimeMs,
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
    });
    updateClient(world, clientId, {
      lastActiveSessionId: session.id,
      lastAuthenticationStrategy: strategy,
      uat: Math.floor(now / 1000),
    });
    emit(world, `session.${isPending ? "pending" : "created"}`, sessionForWebhook(world, session));
    return session;
  });
}

/** A pending session whose person has chosen an organization is like any other. */
export function settled(world: World, session: SessionRecord): SessionRecord {
  if (session.status !== "pending" || !session.lastActiveOrganizationId) return session;
  const active = world.state.sessions.put({ ...session, status: "active" });
  emit(world, "session.created", sessionForWebhook(world, active));
  return active;
}

export function endSession(
  world: World,
  session: SessionRecord,
  status: "ended" | "removed" | "revoked",
): SessionRecord {
  const now = world.clock.now();
  return world.state.change(() => {
    const ended = world.state.sessions.put({ ...session, status, updatedAt: now });
    const left = liveSessions(world, session.clientId);
    const client = world.state.clients.get(session.clientId);
    const stillActive = left.find((each) => each.id === client?.lastActiveSessionId);
    updateClient(world, session.clientId, {
      lastActiveSessionId: (stillActive ?? left.at(-1))?.id ?? null,
      uat: left.length > 0 ? Math.floor(now / 1000) : 0,
    });
    emit(world, `session.${status}`, sessionForWebhook(world, ended));
    return ended;
  });
}
