// Whose an address or a number is: that of whoever has proved it, or whom it is reserved for. One that was only
// typed into a profile is nobody's.

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

/** Who is meant by something that was mailed to the address. */
export function userWithVerifiedAddress(
  context: ClerkContext,
  address: string,
): UserRecord | undefined {
  return context.state.usersByEmail
    .all(address)
    .find(({ emails }) => emails.some((each) => each.address === address && isVerified(each)));
}
