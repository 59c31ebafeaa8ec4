// Signing in by an account elsewhere: rounds that lead to the built-in identity provider's page and back.
// In memory only: after a restart the person simply begins again.

import { readerOfAddress } from "../accounts/identifier-owners";
import type { World } from "../context";
import { refusal } from "../errors";
import { type Provider, providerNames, providers } from "../instance/providers";
import { type Identity, lifetimeMs, type Round } from "../sessions/oauth-rounds";
import type { ExternalAccountRecord, UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";

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
