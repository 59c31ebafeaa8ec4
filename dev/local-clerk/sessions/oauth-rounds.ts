// OAuth rounds: the redirect to the built-in identity provider and back, for a sign-in, a sign-up or a connected
// account. In memory only: after a restart the user starts again.

import type { Clock } from "../clock";
import { randomToken } from "../ids";

/** The user's data that the identity provider returns. */
export type Identity = {
  provider: string;
  providerUserId: string;
  emailAddress: string;
  firstName: string;
  lastName: string;
};

export type OauthRound = {
  id: string;
  kind: "sign_in" | "sign_up" | "link";
  /** The id of the sign-in, the sign-up or (to connect an account) the user that began the round. */
  targetId: string;
  clientId: string;
  provider: string;
  redirectUrl: string;
  completeUrl: string;
  /** The identity at the provider, kept for a later transfer between sign-in and sign-up; null if no transfer is needed. */
  identity: Identity | null;
  /** True once the round's callback has been called. The callback works only once. */
  isFinished: boolean;
};

export const oauthRoundMs = 600_000;

export class OauthRounds {
  readonly #clock: Clock;
  readonly #rounds = new Map<string, OauthRound>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(given: Omit<OauthRound, "id" | "identity" | "isFinished">): OauthRound {
    const round = { id: randomToken(32), identity: null, isFinished: false, ...given };
    this.#rounds.set(round.id, round);
    this.#clock.setTimeout(() => this.#rounds.delete(round.id), oauthRoundMs);
    return round;
  }

  find(id: string | null | undefined): OauthRound | undefined {
    return id ? this.#rounds.get(id) : undefined;
  }

  finishWithIdentity(round: OauthRound, identity: Identity): void {
    this.#rounds.set(round.id, { ...round, identity, isFinished: true });
  }

  finish(round: OauthRound): void {
    this.#rounds.set(round.id, { ...round, isFinished: true });
  }
}
