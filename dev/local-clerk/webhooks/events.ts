// Emits an event: wraps the data in the envelope of Clerk's webhooks. Enqueues the event in the same change as the write that
// caused it.

import type { ClerkContext } from "../context";
import { currentRequest } from "../request-context";

/** The event types that the local Clerk can emit. */
export const eventTypes = [
  "email.created",
  "organization.created",
  "organization.updated",
  "organization.deleted",
  "organizationInvitation.created",
  "organizationInvitation.accepted",
  "organizationInvitation.revoked",
  "organizationMembership.created",
  "organizationMembership.updated",
  "organizationMembership.deleted",
  "paymentAttempt.created",
  "paymentAttempt.updated",
  "permission.created",
  "permission.updated",
  "permission.deleted",
  "role.created",
  "role.updated",
  "role.deleted",
  "session.created",
  "session.pending",
  "session.ended",
  "session.removed",
  "session.revoked",
  "sms.created",
  "organizationDomain.created",
  "organizationDomain.updated",
  "organizationDomain.deleted",
  "subscription.created",
  "subscription.updated",
  "subscription.active",
  "subscription.pastDue",
  "subscriptionItem.abandoned",
  "subscriptionItem.active",
  "subscriptionItem.canceled",
  "subscriptionItem.ended",
  "subscriptionItem.freeTrialEnding",
  "subscriptionItem.incomplete",
  "subscriptionItem.pastDue",
  "subscriptionItem.upcoming",
  "subscriptionItem.updated",
  "user.created",
  "user.updated",
  "user.deleted",
  "waitlistEntry.created",
  "waitlistEntry.updated",
] as const;
export type EventType = (typeof eventTypes)[number];

export function emit(context: ClerkContext, type: EventType, data: object): void {
  const scope = currentRequest();
  const body = {
    data,
    event_attributes: {
      http_request: { client_ip: scope?.clientIp ?? "", user_agent: scope?.userAgent ?? "" },
    },
    instance_id: context.keys.instanceId,
    object: "event",
    timestamp: context.clock.now(),
    type,
  };
  const bytes = JSON.stringify(body);
  context.state.afterCommit(() => context.onEvent?.(type, bytes));
  context.webhooks.enqueue(type, bytes);
}
