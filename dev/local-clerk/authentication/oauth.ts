// Signing in by an account elsewhere: rounds that lead to the built-in identity provider's page and back.
// In memory only: after a restart the person simply begins again.

import { readerOfAddress } from "../accounts/identifier-owners";
import type { Clock } from "../clock";
import type { World } from "../context";
import { refusal } from "../errors";
import { randomToken } from "../ids";
import type { ExternalAccountRecord, UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "./verifications";

export type Provider = ExternalAccountRecord["provider"];
export const providers: readonly Provider[] = ["google", "apple"];
export const providerNames = { google: "Google", apple: "Apple" } as const;

/** Who the identity provider says somebody is. */
export type Identity = {
  provider: Provider;
  providerUserId: string;
  emailAddress: string;
  firstName: string;
  lastName: string;
};

export type Round = {
  id: string;
  kind: "sign_in" | "sign_up" | "link";
  /** The sign-in, the sign-up or the person. */
  targetId: string;
  clientId: string;
  provider: Provider;
  redirectUrl: string;
  completeUrl: string;
  /** Set when the person has come back and is not known, for the transfer to the other flow. */
  identity: Identity | null;
  /** Nobody comes back twice. */
  isOver: boolean;
};

const lifetimeMs = 600_000;

export class OauthRounds {
  readonly #clock: Clock;
  readonly #rounds = new Map<string, Round>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  begin(given: Omit<Round, "id" | "identity" | "isOver">): Round {
    const round = { id: randomToken(32), identity: null, isOver: false, ...given };
    this.#rounds.set(round.id, round);
    this.#clock.setTimeout(() => this.#rounds.delete(round.id), lifetimeMs);
    return round;
  }

  find(id: string | null | undefined): Round | undefined {
    return id ? this.#rounds.get(id) : undefined;
  }

  note(round: Round, identity: Identity): void {
    this.#rounds.set(round.id, { ...round, identity, isOver: true });
  }

  end(round: Round): void {
    this.#rounds.set(round.id, { ...round, isOver: true });
  }
}

/** Whom a strategy means; nobody when it means something else. Refused where this instance has no accounts elsewhere. */
export function providerOf(world: World, strategy: string | undefined): Provider | undefined {
  const found = providers.find((provider) => strategy === `oauth_${provider}`);
  if (found && !world.settings.hasSocial) throw providerOff(found);
  return found;
}

export function oauthVerification(world: World, round: Round): VerificationRecord {
  return {
    ...verifiedWith(`oauth_${round.provider}`),
    status: "unverified",
    expireAt: world.clock.now() + lifetimeMs,
    roundId: round.id,
    externalUrl: `${world.proxyUrl}/idp/${round.provider}?state=${round.id}`,
  };
}

/** Of a round that is over and good. */
export function vouchedBy(world: World, provider: Provider): VerificationRecord {
  return { ...verifiedWith(`oauth_${provider}`), expireAt: world.clock.now() + lifetimeMs };
}

export function externalAccount(
  world: World,
  identity: Identity,
  id: string,
  identificationId: string,
) {
  const now = world.clock.now();
  const account: ExternalAccountRecord = {
    id,
    identificationId,
    ...identity,
    verification: vouchedBy(world, identity.provider),
    createdAt: now,
    updatedAt: now,
  };
  return account;
}

/** Known by the account itself; or by an address that both sides have verified. */
export function findByIdentity(world: World, identity: Identity): UserRecord | undefined {
  const key = `${identity.provider}:${identity.providerUserId}`;
  const byAccount = world.state.usersByExternalAccount.first(key);
  return byAccount ?? readerOfAddress(world, identity.emailAddress);
}

function providerOff(provider: Provider) {
  const title = providerNames[provider];
  const long = `Single-sign on with ${title} OAuth provider is not enabled in the instance settings.`;
  return refusal(400, "oauth_provider_not_enabled", `${title} is not enabled`, long);
}
