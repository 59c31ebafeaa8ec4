// Limits the number of records of a local Clerk that runs for weeks: only the newest of the records that are no longer in use are
// kept.

import type { Identified } from "./collection";
import type { State } from "./state";

/** How many records that are no longer in use are kept, for each kind of record. */
const maxKept = 5_000;
/** The number of records by which a collection must grow before its next scan. */
const checkEvery = 500;
const hourMs = 3_600_000;

type Rule = {
  readonly size: number;
  /** The next scan runs when the collection has more than this many records. */
  nextCheckAt: number;
  expired(now: number): string[];
  drop(id: string): void;
};

export class Retention {
  readonly #state: State;
  readonly #limit: number;
  readonly #rules: Rule[];

  constructor(state: State, limit = maxKept) {
    this.#state = state;
    this.#limit = limit;
    this.#rules = [
      this.#rule(state.mails, () => true),
      this.#rule(state.sessions, (each, now) => !isOpen(each.status) || each.expireAt <= now),
      this.#rule(state.tickets, (each, now) => each.status !== "pending" || each.expiresAt <= now),
      this.#rule(state.signIns, (each, now) => each.abandonAt <= now),
      this.#rule(state.signUps, (each, now) => each.abandonAt <= now),
      // Clients without sessions count as unused only after an idle hour: before that, a sign-in may be in progress.
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
        for (const id of over.slice(0, Math.max(0, over.length - this.#limit))) rule.drop(id);
      });
      rule.nextCheckAt = rule.size + Math.min(checkEvery, this.#limit);
    }
  }

  #rule<T extends Identified>(
    records: { readonly size: number; all(): Iterable<T>; drop(id: string): void },
    isExpired: (record: T, now: number) => boolean,
  ): Rule {
    return {
      get size() {
        return records.size;
      },
      nextCheckAt: this.#limit,
      expired: (now) =>
        [...records.all()].filter((each) => isExpired(each, now)).map(({ id }) => id),
      drop: (id) => records.drop(id),
    };
  }
}

const isOpen = (status: string) => status === "active" || status === "pending";
