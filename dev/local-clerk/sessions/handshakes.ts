// Stores the cookies of a handshake under a random nonce until the app's server fetches them, at most for a minute. In memory
// only: after a restart the page repeats the handshake.

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
