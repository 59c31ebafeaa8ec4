// Sign-in with an external account: finds the user by the identity at the provider, and creates the verification records. An
// OAuth round is one redirect to the provider's page and back.

import { userWithVerifiedAddress } from "../accounts/identifier-owners";
import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { enabledProviders, isProvider, providerName } from "../instance/providers";
import { type Identity, type OauthRound, oauthRoundMs } from "../sessions/oauth-rounds";
import type { ExternalAccountRecord, UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";

/** Returns the provider of an OAuth strategy; undefined for other strategies. Throws when the provider is not enabled. */
export function providerOf(
  context: ClerkContext,
  strategy: string | undefined,
): string | undefined {
  const provider = strategy?.replace(/^oauth_/, "") ?? "";
  if (!strategy?.startsWith("oauth_") || !isProvider(provider)) return undefined;
  if (!enabledProviders(context.settings).includes(provider)) throw providerOff(provider);
  return provider;
}

/** Returns the verification record of an OAuth round that has started: unverified, with the URL of the provider's page. */
export function oauthVerification(context: ClerkContext, round: OauthRound): VerificationRecord {
  return {
    ...verifiedWith(`oauth_${round.provider}`),
    status: "unverified",
    expireAt: context.clock.now() + oauthRoundMs,
    roundId: round.id,
    externalUrl: `${context.proxyUrl}/idp/${round.provider}?state=${round.id}`,
  };
}

/** Returns the verification record of an OAuth round that has succeeded. */
export function oauthVerified(context: ClerkContext, provider: string): VerificationRecord {
  return { ...verifiedWith(`oauth_${provider}`), expireAt: context.clock.now() + oauthRoundMs };
}

export function externalAccount(
  context: ClerkContext,
  identity: Identity,
  id: string,
  identificationId: string,
) {
  const now = context.clock.now();
  const account: ExternalAccountRecord = {
    id,
    identificationId,
    ...identity,
    verification: oauthVerified(context, identity.provider),
    createdAt: now,
    updatedAt: now,
  };
  return account;
}

/** Finds the user by the external account, or else by an address that both the user and the provider have verified. */
export function findByIdentity(context: ClerkContext, identity: Identity): UserRecord | undefined {
  const key = `${identity.provider}:${identity.providerUserId}`;
  const byAccount = context.state.usersByExternalAccount.first(key);
  return byAccount ?? userWithVerifiedAddress(context, identity.emailAddress);
}

function providerOff(provider: string) {
  const title = providerName(provider);
  const long = `Single-sign on with ${title} OAuth provider is not enabled in the instance settings.`;
  return refusal(400, "oauth_provider_not_enabled", `${title} is not enabled`, long);
}
