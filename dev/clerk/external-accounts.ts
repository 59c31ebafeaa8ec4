// Accounts elsewhere that belong to a person: linking and unlinking them, and what stays of a refusal.

import { refusal } from "./errors";
import { newId } from "./ids";
import { externalAccount, type Identity, type Provider } from "./oauth";
import { updateUser } from "./people";
import type { UserRecord, VerificationRecord } from "./records";
import type { World } from "./world";

/** Links the account; an address that it vouches for knows of it. */
export function linkAccount(world: World, user: UserRecord, identity: Identity): UserRecord {
  const key = `${identity.provider}:${identity.providerUserId}`;
  const owner = world.state.usersByExternalAccount.first(key);
  if (owner) {
    if (owner.id === user.id) return user;
    const message = "This external account is already connected to another user.";
    throw refusal(400, "oauth_account_already_connected", "already connected", message);
  }
  const now = world.clock.now();
  const account = externalAccount(world, identity, newId("eac", now), newId("idn", now));
  const link = { type: `oauth_${identity.provider}`, id: account.identificationId };
  return updateUser(world, user, {
    externalAccounts: [...withoutRefused(user, identity.provider), account],
    emails: user.emails.map((email) =>
      email.address === identity.emailAddress
        ? { ...email, linkedTo: [...email.linkedTo, link] }
        : email,
    ),
  });
}

/** The person refused over there: the profile says so until they try again or remove it. */
export function noteRefusedLink(
  world: World,
  user: UserRecord,
  provider: Provider,
  error: VerificationRecord["error"],
): UserRecord {
  const now = world.clock.now();
  const nobody = { provider, providerUserId: "", emailAddress: "", firstName: "", lastName: "" };
  const account = externalAccount(world, nobody, newId("eac", now), newId("idn", now));
  const verification = { ...account.verification, status: "unverified" as const, error };
  const refused = { ...account, verification };
  return updateUser(world, user, {
    externalAccounts: [...withoutRefused(user, provider), refused],
  });
}

function withoutRefused(user: UserRecord, provider: Provider) {
  return user.externalAccounts.filter(
    (each) => each.provider !== provider || each.verification.status === "verified",
  );
}

export function unlinkAccount(world: World, user: UserRecord, accountId: string): UserRecord {
  const account = user.externalAccounts.find((each) => each.id === accountId);
  return updateUser(world, user, {
    externalAccounts: user.externalAccounts.filter((each) => each.id !== accountId),
    emails: user.emails.map((email) => ({
      ...email,
      linkedTo: email.linkedTo.filter((each) => each.id !== account?.identificationId),
    })),
  });
}
