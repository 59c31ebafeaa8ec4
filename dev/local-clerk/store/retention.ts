// What is over is kept for a while and then forgotten, the oldest first: nothing grows without end in a local Clerk that
// runs for weeks.

import type { Identified } from "./collection";
import type { State } from "./state";

const maxKept = 5_000;
/** Looked through only when so many more have come. */
const checkEvery = 500;
const hourMs = 3_600_000;

type Rule = {
  readonly size: number;
  /** How large it is when it is looked through again. */
  nextCheckAt: number;
  expired(now: number): string[];
  drop(id: string): void;
};

export class Retention {
  readonly #state: State;
  readonly #most: number;
  readonly #rules: Rule[];

  constructor(state: State, most = maxKept) {
    this.#state = state;
    this.#most = most;
    this.#rules = [
      this.#rule(state.mails, () => true),
      this.#rule(state.sessions, (each, now) => !isOpen(each.status) || each.expireAt <= now),
      this.#rule(state.tickets, (each, now) => each.status !== "pending" || each.expiresAt <= now),
      this.#rule(state.signIns, (each, now) => each.abandonAt <= now),
      this.#rule(state.signUps, (each, now) => each.abandonAt <= now),
      // A browser in which nobody is, nor has just begun to sign in.
      this.#rule(
        state.clients,
        (each, now) =>
          state.sessionsByClient.count(each.id) === 0 && each.updatedAt <= now - hourMs,
      ),
    ];
  }

  dropOldest(now: number): void {
    for (const rule of this.#rules) {
      if (rule.size <= rule.nextCheckAt) continue;
      const over = rule.expired(now);
      this.#state.change(() => {
        for (const id of over.slice(0, Math.max(0, over.length - this.#most))) rule.drop(id);
      });
      rule.nextCheckAt = rule.size + Math.min(checkEvery, this.#most);
    }
  }

  #rule<T extends Identified>(
    kept: { readonly size: number; all(): Iterable<T>; drop(id: string): void },
    isOver: (record: T, now: number) => boolean,
  ): Rule {
    return {
      get size() {
        return kept.size;
      },
      nextCheckAt: this.#most,
      expired: (now) => [...kept.all()].filter((each) => isOver(each, now)).map(({ id }) => id),
      drop: (id) => kept.drop(id),
    };
  }
}

const isOpen = (status: string) => status === "active" || status === "pending";
