// The JSON of a user's public data, which other members of an organization may see.

import type { ClerkContext } from "../context";
import type { EmailRecord, UserRecord } from "../store/records";

export function primaryEmail(user: UserRecord): EmailRecord | undefined {
  return user.emails.find((email) => email.id === user.primaryEmailId) ?? user.emails[0];
}

export function displayName(user: UserRecord): string {
  const name = [user.firstName, user.lastName].filter(Boolean).join(" ");
  return name || user.username || primaryEmail(user)?.address || user.id;
}

/**
 * Returns the URL of an image that the local Clerk draws. Clerk's components recognise `avatar_placeholder`, and then do not
 * offer "Remove".
 */
export function placeholderUrl(context: ClerkContext, { id }: { id: string }): string {
  return `${context.proxyUrl}/avatar_placeholder/${id}.svg`;
}

export function userImageUrl(context: ClerkContext, user: UserRecord): string {
  if (user.imageId) return `${context.proxyUrl}/images/${user.imageId}`;
  return placeholderUrl(context, user);
}

export function publicUserJson(context: ClerkContext, user: UserRecord) {
  return {
    user_id: user.id,
    first_name: user.firstName,
    last_name: user.lastName,
    profile_image_url: userImageUrl(context, user),
    image_url: userImageUrl(context, user),
    has_image: user.imageId !== null,
    identifier: primaryEmail(user)?.address ?? user.username ?? user.phones[0]?.number ?? "",
    username: user.username,
    banned: user.isBanned,
    deprovisioned: false,
  };
}

/** Returns the JSON of the inviter in an invitation. */
export function publicInviterJson(context: ClerkContext, user: UserRecord) {
  const {
    banned: _b,
    deprovisioned: _d,
    profile_image_url: _p,
    username: _u,
    ...shown
  } = publicUserJson(context, user);
  return shown;
}
