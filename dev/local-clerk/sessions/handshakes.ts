// Cookies that wait for the app's server to fetch them, under a nonce that nobody guesses, for a minute.
// In memory only: after a restart the page simply makes the round again.

import type { Clock } from "../clock";
import { randomToken } from "../ids";

const lifetimeMs = 60_000;

export class Handshakes {
  readonly #clock: Clock;
  readonly #waiting = new Map<string, string[]>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  store(directives: string[]): string {
    const nonce = randomToken(32);
    this.#waiting.set(nonce, directives);
    this.#clock.setTimeout(() => this.#waiting.delete(nonce), lifetimeMs);
    return nonce;
  }

  find(nonce: string): string[] | undefined {
    return this.#waiting.get(nonce);
  }
}
