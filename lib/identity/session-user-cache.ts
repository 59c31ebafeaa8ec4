/**
 * Caches users by session, so that a request needs no query. Changes that {@link Listener} publishes after commit evict entries.
 * While the listener is not listening, the cache is bypassed. Failures and unknown users are not cached.
 */
import { LRUCache } from "lru-cache";
import type { Listener } from "../live/listener";
import type { LiveMessage } from "../live/message";
import { metrics } from "../telemetry/metrics";
import type { SessionUser } from "./session-user";

/** The tables whose rows are part of an entry. A change of these tables evicts entries. */
const TABLES = new Set(["users", "organizations", "memberships", "sessions"]);

/** A running query. `singleFlight` is not used, because callers after a change must not share a query that began before it. */
type Load = { userId: string; user: Promise<SessionUser>; isStale: boolean };

export class SessionUserCache {
  readonly #load: (userId: string, sessionId: string) => Promise<SessionUser>;
  readonly #listener: Pick<Listener, "isListening" | "subscribe">;
  /** Keyed by session id, because an entry also contains the state of its session. */
  readonly #users: LRUCache<string, SessionUser>;
  readonly #loads = new Map<string, Load>();
  /** Maps user and organization ids to the ids of sessions whose entries depend on them. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(
    load: (userId: string, sessionId: string) => Promise<SessionUser>,
    listener: Pick<Listener, "isListening" | "subscribe">,
    capacity: number,
  ) {
    this.#load = load;
    this.#listener = listener;
    this.#users = new LRUCache({
      max: capacity,
      dispose: (user, sessionId) => this.#unlink(sessionId, user),
    });
    listener.subscribe((message) => this.#evict(message));
  }

  get size(): number {
    return this.#users.size;
  }

  /** Returns the cached user. Null is a cache miss, not "no such user". */
  cached(userId: string, sessionId: string): SessionUser | null {
    if (!this.#listener.isListening) return null;
    const user = this.#users.get(sessionId);
    if (user?.id !== userId) return null;
    metrics()?.cacheRequests.inc({ cache: "session user", result: "hit" });
    return user;
  }

  /** Resolves to the user of a session, from the cache or the database. @throws when the database does not respond. */
  async find(userId: string, sessionId: string): Promise<SessionUser> {
    const known = this.cached(userId, sessionId);
    if (known) return known;
    metrics()?.cacheRequests.inc({ cache: "session user", result: "miss" });
    // Without the listener, an entry or a query that another caller started may be outdated.
    if (!this.#listener.isListening) return this.#load(userId, sessionId);
    const running = this.#loads.get(sessionId);
    if (running?.userId === userId) return running.user;
    return this.#startLoad(userId, sessionId);
  }

  #startLoad(userId: string, sessionId: string): Promise<SessionUser> {
    const user = this.#load(userId, sessionId);
    const load: Load = { userId, user, isStale: false };
    this.#loads.set(sessionId, load);
    const end = () => {
      if (this.#loads.get(sessionId) === load) this.#loads.delete(sessionId);
    };
    user.then((found) => {
      end();
      if (!load.isStale && isCacheable(found)) this.#store(sessionId, found);
    }, end);
    return user;
  }

  #store(sessionId: string, user: SessionUser): void {
    this.#users.set(sessionId, user);
    for (const id of dependencies(user)) {
      const sessions = this.#dependents.get(id) ?? new Set();
      this.#dependents.set(id, sessions.add(sessionId));
    }
  }

  #unlink(sessionId: string, user: SessionUser): void {
    for (const id of dependencies(user)) {
      const sessions = this.#dependents.get(id);
      sessions?.delete(sessionId);
      if (sessions?.size === 0) this.#dependents.delete(id);
    }
  }

  #evict(message: LiveMessage): void {
    if ("gap" in message) this.#evictAll();
    else if (!TABLES.has(message.table)) return;
    else if ("flush" in message) this.#evictAll();
    else if (message.table === "organizations") {
      // A running query may have read the organization before this change. It is not known yet which organizations it reads, so
      // all running queries count as stale.
      this.#markLoadsStale(() => true);
      this.#evictDependents(message.ids);
    } else {
      const userIds = "users" in message ? message.users : message.ids;
      const sessions = message.table === "sessions" ? message.ids : [];
      this.#markLoadsStale(
        ({ userId }, sessionId) => userIds.includes(userId) || sessions.includes(sessionId),
      );
      this.#evictDependents(userIds);
      for (const sessionId of sessions) this.#users.delete(sessionId);
    }
  }

  #evictAll(): void {
    this.#markLoadsStale(() => true);
    this.#users.clear();
  }

  #evictDependents(ids: string[]): void {
    for (const id of ids) {
      for (const sessionId of [...(this.#dependents.get(id) ?? [])]) this.#users.delete(sessionId);
    }
  }

  /**
   * Marks running loads as stale, if `isAffected` returns true. Earlier callers still get the result of a stale load; later
   * callers start a new load.
   */
  #markLoadsStale(isAffected: (load: Load, sessionId: string) => boolean): void {
    for (const [sessionId, load] of this.#loads) {
      if (!isAffected(load, sessionId)) continue;
      load.isStale = true;
      this.#loads.delete(sessionId);
    }
  }
}

/**
 * True if the user may be cached. False for an unknown user. Also false for a mirrored user without a handle: the present call
 * creates the handle, and the next call must read it from the database.
 */
function isCacheable(user: SessionUser): boolean {
  return user.state === "deleted" || (user.state === "mirrored" && user.handle !== null);
}

function dependencies({ id, memberships, stubOrganizationIds }: SessionUser): string[] {
  return [id, ...memberships.map(({ organizationId }) => organizationId), ...stubOrganizationIds];
}
