// Clerk's rate limit: a number of calls per fixed time window. Further calls get 429 with the seconds to wait.

import type { Clock } from "../clock";

export class RateLimit {
  readonly #clock: Clock;
  #windowStart = 0;
  #calls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts a call. Returns the seconds to wait, or 0 when the call is within the limit. */
  take({ calls, perMs }: { calls: number; perMs: number }): number {
    if (calls === 0) return 0;
    const now = this.#clock.now();
    if (now - this.#windowStart >= perMs) {
      this.#windowStart = now;
      this.#calls = 0;
    }
    this.#calls += 1;
    if (this.#calls <= calls) return 0;
    return Math.max(1, Math.ceil((this.#windowStart + perMs - now) / 1000));
  }
}
