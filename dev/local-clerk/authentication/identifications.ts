// Adds, verifies, replaces and removes a user's identifications, which are email addresses and phone numbers.

import { isOwned, isVerified, ownerOfAddress, ownerOfNumber } from "../accounts/identifier-owners";
import { mfaResetPatch, updateUser } from "../accounts/users";
import type { ClerkContext } from "../context";
import { identifierTaken, refusal } from "../errors";
import { newId } from "../ids";
import { enrollByVerifiedEmail } from "../organizations/domains";
import { primaryEmail } from "../resources/public-user";
import type { EmailRecord, PhoneRecord, UserRecord, VerificationRecord } from "../store/records";
import { verifiedWith } from "../store/verification-record";
import { sendMail } from "../webhooks/outbox";

export type Owned<T> = { user: UserRecord; item: T };

const addressTaken = () => identifierTaken("email_address", "email address");
const numberTaken = () => identifierTaken("phone_number", "phone number");

export function requireFreeAddress(
  context: ClerkContext,
  address: string,
  except?: UserRecord,
): void {
  const owner = ownerOfAddress(context, address);
  if (owner && owner.id !== except?.id) throw addressTaken();
}

export function requireFreeNumber(
  context: ClerkContext,
  number: string,
  except?: UserRecord,
): void {
  const owner = ownerOfNumber(context, number);
  if (owner && owner.id !== except?.id) throw numberTaken();
}

export function ownerOfEmail(context: ClerkContext, id: string): Owned<EmailRecord> | undefined {
  const user = context.state.usersByIdentification.first(id);
  const item = user?.emails.find((each) => each.id === id);
  return user && item ? { user, item } : undefined;
}

export function ownerOfPhone(context: ClerkContext, id: string): Owned<PhoneRecord> | undefined {
  const user = context.state.usersByIdentification.first(id);
  const item = user?.phones.find((each) => each.id === id);
  return user && item ? { user, item } : undefined;
}

function newEmail(
  context: ClerkContext,
  address: string,
  verification: VerificationRecord | null,
): EmailRecord {
  const now = context.clock.now();
  return {
    id: newId("idn", now),
    address: address.toLowerCase(),
    isReserved: false,
    verification,
    linkedTo: [],
    createdAt: now,
    updatedAt: now,
  };
}

export function newPhone(
  context: ClerkContext,
  number: string,
  verification: VerificationRecord | null,
): PhoneRecord {
  const now = context.clock.now();
  return {
    id: newId("idn", now),
    number,
    isReserved: false,
    isSecondFactor: false,
    isDefaultSecondFactor: false,
    verification,
    createdAt: now,
    updatedAt: now,
  };
}

export function addEmail(
  context: ClerkContext,
  user: UserRecord,
  address: string,
  verification: VerificationRecord | null,
  { isPrimary = false }: { isPrimary?: boolean } = {},
): Owned<EmailRecord> {
  requireFreeAddress(context, address);
  const item = newEmail(context, address, verification);
  if (user.emails.some((each) => each.address === item.address)) throw addressTaken();
  const primaryEmailId = user.primaryEmailId ?? (verification ? item.id : null);
  const updated = updateUser(context, user, {
    emails: [...user.emails, item],
    primaryEmailId: isPrimary ? item.id : primaryEmailId,
  });
  if (verification?.status === "verified") enrollByVerifiedEmail(context, updated);
  return { user: updated, item };
}

/** Stores the changed address. Throws if the address is now verified or reserved, and another user owns the same address. */
export function updateEmail(
  context: ClerkContext,
  user: UserRecord,
  item: EmailRecord,
  { isPrimary = false }: { isPrimary?: boolean } = {},
): Owned<EmailRecord> {
  if (isOwned(item)) requireFreeAddress(context, item.address, user);
  const dated = { ...item, updatedAt: context.clock.now() };
  const emails = user.emails.map((each) => (each.id === item.id ? dated : each));
  const first = user.primaryEmailId ?? (isVerified(item) ? item.id : null);
  const primaryEmailId = isPrimary ? item.id : first;
  const updated = updateUser(context, user, { emails, primaryEmailId });
  if (isVerified(item)) enrollByVerifiedEmail(context, updated);
  return { user: updated, item: dated };
}

/**
 * Sends a mail to the former primary address if the user's primary address is now another one. `before` is the user before the
 * change.
 */
export function notifyPrimaryEmailChanged(context: ClerkContext, before: UserRecord): void {
  const user = context.state.users.get(before.id);
  const former = primaryEmail(before)?.address;
  const current = user && primaryEmail(user)?.address;
  if (!former || former === current) return;
  sendMail(context, {
    to: former,
    slug: "primary_email_address_changed",
    subject: "Your primary email address has changed",
    text: `The primary email address of your account is now ${current}.`,
    userId: before.id,
  });
}

export function removeEmail(
  context: ClerkContext,
  user: UserRecord,
  item: EmailRecord,
): UserRecord {
  if (item.linkedTo.length > 0) throw addressLinked();
  const emails = user.emails.filter((each) => each.id !== item.id);
  requireOneIdentifier({ ...user, emails });
  const isPrimary = user.primaryEmailId === item.id;
  return updateUser(context, user, {
    emails,
    primaryEmailId: isPrimary ? firstVerified(emails) : user.primaryEmailId,
  });
}

type PhoneUse = { isPrimary?: boolean; isSecondFactor?: boolean };

export function addPhone(
  context: ClerkContext,
  user: UserRecord,
  number: string,
  verification: VerificationRecord | null,
  { isPrimary = false, isSecondFactor = false }: PhoneUse = {},
): Owned<PhoneRecord> {
  requireFreeNumber(context, number);
  if (user.phones.some((each) => each.number === number)) throw numberTaken();
  const isFirst = isSecondFactor && !user.phones.some((each) => each.isSecondFactor);
  const made = newPhone(context, number, verification);
  const item = { ...made, isSecondFactor, isDefaultSecondFactor: isFirst };
  const primaryPhoneId = user.primaryPhoneId ?? (verification ? item.id : null);
  const updated = updateUser(context, user, {
    phones: [...user.phones, item],
    primaryPhoneId: isPrimary ? item.id : primaryPhoneId,
  });
  return { user: updated, item };
}

export function updatePhone(
  context: ClerkContext,
  user: UserRecord,
  item: PhoneRecord,
  { isPrimary = false }: { isPrimary?: boolean } = {},
): Owned<PhoneRecord> {
  if (isOwned(item)) requireFreeNumber(context, item.number, user);
  const dated = { ...item, updatedAt: context.clock.now() };
  const phones = user.phones.map((each) => (each.id === item.id ? dated : each));
  const first = user.primaryPhoneId ?? (isVerified(item) ? item.id : null);
  const primaryPhoneId = isPrimary ? item.id : first;
  return { user: updateUser(context, user, { phones, primaryPhoneId }), item: dated };
}

export function removePhone(
  context: ClerkContext,
  user: UserRecord,
  item: PhoneRecord,
): UserRecord {
  const phones = user.phones.filter((each) => each.id !== item.id);
  requireOneIdentifier({ ...user, phones });
  const isPrimary = user.primaryPhoneId === item.id;
  return updateUser(context, user, {
    phones,
    primaryPhoneId: isPrimary ? firstVerified(phones) : user.primaryPhoneId,
    ...mfaResetPatch({ ...user, phones }),
  });
}

/** The status of the address or number that replaces another one. `reserved`: unverified, but no other user can add it. */
type IdentificationStatus = "verified" | "reserved" | "unverified";

function verificationFor(status: IdentificationStatus) {
  const verification = status === "verified" ? verifiedWith("admin") : null;
  return { verification, isReserved: status === "reserved" };
}

/**
 * Replaces all addresses of the user with `address`, which becomes the primary address. An address that the user had already
 * keeps its id.
 */
export function replaceEmails(
  context: ClerkContext,
  user: UserRecord,
  address: string,
  status: IdentificationStatus,
): EmailRecord {
  const known = user.emails.find((each) => each.address === address.toLowerCase());
  requireFreeAddress(context, address, user);
  if (user.emails.some(({ linkedTo }) => linkedTo.length > 0)) throw addressLinked();
  const item = { ...(known ?? newEmail(context, address, null)), ...verificationFor(status) };
  const updated = updateUser(context, user, { emails: [item], primaryEmailId: item.id });
  if (status === "verified") enrollByVerifiedEmail(context, updated);
  return item;
}

export function replacePhones(
  context: ClerkContext,
  user: UserRecord,
  number: string,
  status: IdentificationStatus,
): PhoneRecord {
  const known = user.phones.find((each) => each.number === number);
  requireFreeNumber(context, number, user);
  const base = known ?? newPhone(context, number, null);
  const notSecondFactor = { isSecondFactor: false, isDefaultSecondFactor: false };
  const item = { ...base, ...notSecondFactor, ...verificationFor(status) };
  const withoutMfa = {
    totpSecret: null,
    isTotpVerified: false,
    backupCodes: [],
    mfaEnabledAt: null,
  };
  updateUser(context, user, {
    phones: [item],
    primaryPhoneId: item.id,
    ...(user.phones.some(({ isSecondFactor }) => isSecondFactor) ? withoutMfa : {}),
  });
  return item;
}

function addressLinked() {
  const message = "Deleting a linked email address is not allowed";
  const long =
    "This email address is linked to one or more Connected Accounts. Remove the Connected Account before deleting this email address.";
  return refusal(400, "delete_linked_identification_disallowed", message, long);
}

function firstVerified(items: (EmailRecord | PhoneRecord)[]): string | null {
  return items.find(isVerified)?.id ?? null;
}

/**
 * Throws if `user`, which is the user as the change would leave it, has no identification left. Such a user could never sign in
 * again. An unverified identification that is not reserved does not count.
 */
export function requireOneIdentifier(user: UserRecord): void {
  const { emails, phones, username, externalAccounts } = user;
  const hasExternalAccount = externalAccounts.some(
    ({ verification }) => verification.status === "verified",
  );
  if ([...emails, ...phones].some(isOwned) || username !== null || hasExternalAccount) return;
  const message = "You cannot delete your last identification.";
  throw refusal(400, "identification_deletion_failed", "Deletion failed", message);
}
