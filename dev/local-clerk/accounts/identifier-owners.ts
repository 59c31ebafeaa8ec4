// Finds the user who owns an email address or phone number: the user who verified it, or for whom it is reserved. Any other
// address or number has no owner, so several users can add it.

import type { ClerkContext } from "../context";
import type { EmailRecord, PhoneRecord, UserRecord } from "../store/records";

export function isVerified({ verification }: EmailRecord | PhoneRecord): boolean {
  return verification?.status === "verified";
}

export function isOwned(item: EmailRecord | PhoneRecord): boolean {
  return item.isReserved || isVerified(item);
}

export function ownerOfAddress(context: ClerkContext, given: string): UserRecord | undefined {
  const address = given.toLowerCase();
  return context.state.usersByEmail
    .all(address)
    .find(({ emails }) => emails.some((each) => each.address === address && isOwned(each)));
}

export function ownerOfNumber(context: ClerkContext, number: string): UserRecord | undefined {
  return context.state.usersByPhone
    .all(number)
    .find(({ phones }) => phones.some((each) => each.number === number && isOwned(each)));
}

/** Returns the user who has verified the address and therefore receives its email. A reserved address does not count. */
export function userWithVerifiedAddress(
  context: ClerkContext,
  address: string,
): UserRecord | undefined {
  return context.state.usersByEmail
    .all(address)
    .find(({ emails }) => emails.some((each) => each.address === address && isVerified(each)));
}
