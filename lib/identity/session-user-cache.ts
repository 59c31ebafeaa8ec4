/**
 * People without a query on every request. Evicted by the committed change itself, as {@link Listener} tells it; serves
 * nothing while that is not listening. Holds only what a query answered: no failure, nobody unknown.
 */
import { LRUCache } from "lru-cache";
import type { Listener } from "../live/listener";
import type { LiveMessage } from "../live/message";
import type { SessionUser } from "./session-user";

/** Not `singleFlight`: a change that makes a running load stale must take it away from later callers. */
type Load = { userId: string; user: Promise<SessionUser>; isStale: boolean };

export class SessionUserCache {
  readonly #load: (userId: string, sessionId: string) => Promise<SessionUser>;
  readonly #listener: Pick<Listener, "isListening" | "subscribe">;
  /** By session: whether a session is over is part of what is known. */
  readonly #users: LRUCache<string, SessionUser>;
  readonly #loads = new Map<string, Load>();
  /** User and organization ids to the sessions whose entry depends on them. */
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
    listener.subscribe((message) => this.#forget(message));
  }

  get size(): number {
    return this.#users.size;
  }

  /** Without a wait: null is not "nobody", but "to be asked for". */
  cached(userId: string, sessionId: string): SessionUser | null {
    if (!this.#listener.isListening) return null;
    const user = this.#users.get(sessionId);
    return user?.id === userId ? user : null;
  }

  /** @throws when the database does not answer. */
  async find(userId: string, sessionId: string): Promise<SessionUser> {
    const known = this.cached(userId, sessionId);
    if (known) return known;
    // Without a listener, neither an entry nor a query that somebody else began can be trusted to be recent.
    if (!this.#listener.isListening) return this.#load(userId, sessionId);
    const running = this.#loads.get(sessionId);
    if (running?.userId === userId) return running.user;
    return this.#begin(userId, sessionId);
  }

  #begin(userId: string, sessionId: string): Promise<SessionUser> {
    const user = this.#load(userId, sessionId);
    const load: Load = { userId, user, isStale: false };
    this.#loads.set(sessionId, load);
    const end = () => {
      if (this.#loads.get(sessionId) === load) this.#loads.delete(sessionId);
    };
    user.then((found) => {
      end();
      if (!load.isStale && isKeepable(found)) this.#keep(sessionId, found);
    }, end);
    return user;
  }

  #keep(sessionId: string, user: SessionUser): void {
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

  #forget(message: LiveMessage): void {
    if ("gap" in message) this.#forgetAll();
    else if (message.table === "deliveries") return;
    else if ("flush" in message) this.#forgetAll();
    else if (message.table === "organizations") {
      // A query under way may have read the organization before it changed; whose it is, is not known yet.
      this.#spoilLoads(() => true);
      this.#forgetDependents(message.ids);
    } else {
      const userIds = "users" in message ? message.users : message.ids;
      const sessions = message.table === "sessions" ? message.ids : [];
      this.#spoilLoads(
        ({ userId }, sessionId) => userIds.includes(userId) || sessions.includes(sessionId),
      );
      this.#forgetDependents(userIds);
      for (const sessionId of sessions) this.#users.delete(sessionId);
    }
  }

  #forgetAll(): void {
    this.#spoilLoads(() => true);
    this.#users.clear();
  }

  #forgetDependents(ids: string[]): void {
    for (const id of ids) {
      for (const sessionId of [...(this.#dependents.get(id) ?? [])]) this.#users.delete(sessionId);
    }
  }

  /** Their answer is still given to those who asked before the change; nobody else gets it. */
  #spoilLoads(isAffected: (load: Load, sessionId: string) => boolean): void {
    for (const [sessionId, load] of this.#loads) {
      if (!isAffected(load, sessionId)) continue;
      load.isStale = true;
      this.#loads.delete(sessionId);
    }
  }
}

/** A live user without a handle is on their first call: the next one must see the handle that is being made. */
function isKeepable(user: SessionUser): boolean {
  return user.state === "deleted" || (user.state === "mirrored" && user.handle !== null);
}

function dependencies({ id, memberships, stubOrganizationIds }: SessionUser): string[] {
  return [id, ...memberships.map(({ organizationId }) => organizationId), ...stubOrganizationIds];
}
