// So many calls in so long a time, as Clerk counts them; after that 429 and how many seconds to wait.

import type { Clock } from "../clock";

export class RateLimit {
  readonly #clock: Clock;
  #since = 0;
  #calls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Seconds to wait, 0 when the call may pass. */
  take({ calls, perMs }: { calls: number; perMs: number }): number {
    if (calls === 0) return 0;
    const now = this.#clock.now();
    if (now - this.#since >= perMs) {
      this.#since = now;
      this.#calls = 0;
    }
    this.#calls += 1;
    if (this.#calls <= calls) return 0;
    return Math.max(1, Math.ceil((this.#since + perMs - now) / 1000));
  }
}
