/**
 * The handling of each event type in Clerk's webhook description (2025-04-15). `mirrored`: written to a table. `ignored`: only
 * recorded in the inbox. A type that is missing here is handled like `ignored`. The list `unknown` of `delivery-lists.ts` has the
 * deliveries of such types from the last 24 h.
 */
export const eventHandling = {
  "email.created": "ignored",
  "organization.created": "mirrored",
  "organization.updated": "mirrored",
  "organization.deleted": "mirrored",
  "organizationDomain.created": "mirrored",
  "organizationDomain.updated": "mirrored",
  "organizationDomain.deleted": "mirrored",
  "organizationInvitation.created": "mirrored",
  "organizationInvitation.accepted": "mirrored",
  "organizationInvitation.revoked": "mirrored",
  "organizationMembership.created": "mirrored",
  "organizationMembership.updated": "mirrored",
  "organizationMembership.deleted": "mirrored",
  "paymentAttempt.created": "mirrored",
  "paymentAttempt.updated": "mirrored",
  "permission.created": "mirrored",
  "permission.updated": "mirrored",
  "permission.deleted": "mirrored",
  "role.created": "mirrored",
  "role.updated": "mirrored",
  "role.deleted": "mirrored",
  "session.created": "mirrored",
  "session.pending": "mirrored",
  "session.ended": "mirrored",
  "session.removed": "mirrored",
  "session.revoked": "mirrored",
  "sms.created": "ignored",
  "subscription.created": "mirrored",
  "subscription.updated": "mirrored",
  "subscription.active": "mirrored",
  "subscription.pastDue": "mirrored",
  "subscriptionItem.abandoned": "mirrored",
  "subscriptionItem.active": "mirrored",
  "subscriptionItem.canceled": "mirrored",
  "subscriptionItem.ended": "mirrored",
  "subscriptionItem.freeTrialEnding": "mirrored",
  "subscriptionItem.incomplete": "mirrored",
  "subscriptionItem.pastDue": "mirrored",
  "subscriptionItem.upcoming": "mirrored",
  "subscriptionItem.updated": "mirrored",
  "user.created": "mirrored",
  "user.updated": "mirrored",
  "user.deleted": "mirrored",
  "waitlistEntry.created": "ignored",
  "waitlistEntry.updated": "ignored",
} as const;

type KnownEventType = keyof typeof eventHandling;

export type MirroredEventType = {
  [T in KnownEventType]: (typeof eventHandling)[T] extends "mirrored" ? T : never;
}[KnownEventType];

export const isKnownEventType = (type: string): type is KnownEventType =>
  Object.hasOwn(eventHandling, type);
