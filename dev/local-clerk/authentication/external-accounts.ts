// Connects and removes a user's external (OAuth) accounts, and records that the user refused a connection.

import { updateUser } from "../accounts/users";
import type { ClerkContext } from "../context";
import { refusal } from "../errors";
import { newId } from "../ids";
import { providerName } from "../instance/providers";
import type { Identity } from "../sessions/oauth-rounds";
import type { UserRecord, VerificationRecord } from "../store/records";
import { requireOneIdentifier } from "./identifications";
import { externalAccount, findByIdentity } from "./oauth";

/** Adds the external account. If the user has the email address of the account, links this address to the account. */
export function linkAccount(
  context: ClerkContext,
  user: UserRecord,
  identity: Identity,
): UserRecord {
  const owner = findByIdentity(context, identity);
  if (owner && owner.id !== user.id) {
    const short = "Identification claimed by another user";
    const long =
      "The email address associated with this OAuth account is already claimed by another user.";
    throw refusal(400, "oauth_identification_claimed", short, long);
  }
  if (user.externalAccounts.some((each) => isSame(each, identity))) return user;
  const now = context.clock.now();
  const account = externalAccount(context, identity, newId("eac", now), newId("idn", now));
  const link = { type: `oauth_${identity.provider}`, id: account.identificationId };
  return updateUser(context, user, {
    externalAccounts: [...withoutRefused(user, identity.provider), account],
    emails: user.emails.map((email) =>
      email.address === identity.emailAddress
        ? { ...email, linkedTo: [...email.linkedTo, link] }
        : email,
    ),
  });
}

/** Adds the external account to a signed-in user. Refuses a second account of the same provider. */
export function connectAccount(
  context: ClerkContext,
  user: UserRecord,
  identity: Identity,
): UserRecord {
  const isOther = user.externalAccounts.some(
    (each) =>
      each.provider === identity.provider &&
      each.verification.status === "verified" &&
      !isSame(each, identity),
  );
  if (!isOther) return linkAccount(context, user, identity);
  const title = providerName(identity.provider);
  const message = `Another account is already connected for this particular provider (${title})`;
  throw refusal(400, "oauth_account_already_connected", "Already connected", message);
}

type Known = Pick<Identity, "provider" | "providerUserId">;

function isSame(one: Known, other: Known): boolean {
  return one.provider === other.provider && one.providerUserId === other.providerUserId;
}

/**
 * Records that the user denied access on the provider's page. The profile displays the denial until the user connects the
 * provider again or removes the entry.
 */
export function recordRefusedLink(
  context: ClerkContext,
  user: UserRecord,
  provider: string,
  error: VerificationRecord["error"],
): UserRecord {
  const now = context.clock.now();
  const unknown = { provider, providerUserId: "", emailAddress: "", firstName: "", lastName: "" };
  const account = externalAccount(context, unknown, newId("eac", now), newId("idn", now));
  const verification = { ...account.verification, status: "unverified" as const, error };
  const refused = { ...account, verification };
  return updateUser(context, user, {
    externalAccounts: [...withoutRefused(user, provider), refused],
  });
}

function withoutRefused(user: UserRecord, provider: string) {
  return user.externalAccounts.filter(
    (each) => each.provider !== provider || each.verification.status === "verified",
  );
}

export function unlinkAccount(
  context: ClerkContext,
  user: UserRecord,
  accountId: string,
): UserRecord {
  const account = user.externalAccounts.find((each) => each.id === accountId);
  const externalAccounts = user.externalAccounts.filter((each) => each.id !== accountId);
  requireOneIdentifier({ ...user, externalAccounts });
  return updateUser(context, user, {
    externalAccounts,
    emails: user.emails.map((email) => ({
      ...email,
      linkedTo: email.linkedTo.filter((each) => each.id !== account?.identificationId),
    })),
  });
}
