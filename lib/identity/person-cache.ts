/**
 * People without a query on every request. Evicted by the committed change itself, as {@link Listener} tells it; serves
 * nothing while that is not listening. Holds only what a query answered: no failure, nobody unknown.
 */
import type { Listener } from "../live/listener";
import type { LiveMessage } from "../live/message";
import { Lru } from "./lru";
import type { Person } from "./person";

type Load = { userId: string; person: Promise<Person>; isStale: boolean };

export class PersonCache {
  readonly #load: (userId: string, sessionId: string) => Promise<Person>;
  readonly #listener: Pick<Listener, "isListening" | "hear">;
  /** By session: whether a session is over is part of what is known. */
  readonly #people: Lru<Person>;
  readonly #loads = new Map<string, Load>();
  /** User and organization ids to the sessions whose entry depends on them. */
  readonly #dependents = new Map<string, Set<string>>();

  constructor(
    load: (userId: string, sessionId: string) => Promise<Person>,
    listener: Pick<Listener, "isListening" | "hear">,
    capacity: number,
  ) {
    this.#load = load;
    this.#listener = listener;
    this.#people = new Lru(capacity, (sessionId, person) => this.#unlink(sessionId, person));
    listener.hear((message) => this.#forget(message));
  }

  get size(): number {
    return this.#people.size;
  }

  /** Without a wait: null is not "nobody", but "to be asked for". */
  known(userId: string, sessionId: string): Person | null {
    if (!this.#listener.isListening) return null;
    const person = this.#people.get(sessionId);
    return person?.id === userId ? person : null;
  }

  /** @throws when the database does not answer. */
  async find(userId: string, sessionId: string): Promise<Person> {
    const known = this.known(userId, sessionId);
    if (known) return known;
    // Without a listener, neither an entry nor a query that somebody else began can be trusted to be recent.
    if (!this.#listener.isListening) return this.#load(userId, sessionId);
    const running = this.#loads.get(sessionId);
    if (running?.userId === userId) return running.person;
    return this.#begin(userId, sessionId);
  }

  #begin(userId: string, sessionId: string): Promise<Person> {
    const person = this.#load(userId, sessionId);
    const load: Load = { userId, person, isStale: false };
    this.#loads.set(sessionId, load);
    const end = () => {
      if (this.#loads.get(sessionId) === load) this.#loads.delete(sessionId);
    };
    person.then((found) => {
      end();
      if (!load.isStale && isKeepable(found)) this.#keep(sessionId, found);
    }, end);
    return person;
  }

  #keep(sessionId: string, person: Person): void {
    this.#people.set(sessionId, person);
    for (const id of dependencies(person)) {
      const sessions = this.#dependents.get(id) ?? new Set();
      this.#dependents.set(id, sessions.add(sessionId));
    }
  }

  #unlink(sessionId: string, person: Person): void {
    for (const id of dependencies(person)) {
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
      const people = "users" in message ? message.users : message.ids;
      const sessions = message.table === "sessions" ? message.ids : [];
      this.#spoilLoads(
        ({ userId }, sessionId) => people.includes(userId) || sessions.includes(sessionId),
      );
      this.#forgetDependents(people);
      for (const sessionId of sessions) this.#people.delete(sessionId);
    }
  }

  #forgetAll(): void {
    this.#spoilLoads(() => true);
    this.#people.clear();
  }

  #forgetDependents(ids: string[]): void {
    for (const id of ids) {
      for (const sessionId of [...(this.#dependents.get(id) ?? [])]) this.#people.delete(sessionId);
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

/** A live person without a handle is on their first call: the next one must see the handle that is being made. */
function isKeepable(person: Person): boolean {
  return person.state === "deleted" || (person.state === "live" && person.handle !== null);
}

function dependencies({ id, memberships, awaitedOrganizationIds }: Person): string[] {
  return [
    id,
    ...memberships.map(({ organizationId }) => organizationId),
    ...awaitedOrganizationIds,
  ];
}
