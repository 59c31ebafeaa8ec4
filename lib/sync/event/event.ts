/**
 * Clerk's objects and events, as the webhook description of 2025-04-15 and the Backend API spell them (the shapes are the
 * same): what of them we read, made safe for Postgres. Knows nothing of HTTP or SQL. Billing is in `event-billing.ts`.
 */
import { z } from "zod";
import { clerkPaymentAttempt, clerkSubscription, clerkSubscriptionItem } from "./billing";
import type { MirroredEventType } from "./event-types";
import { id, idOrNull, millisecondsOrNull, textOrNull } from "./scalars";

export const clerkUser = z.object({
  id,
  username: textOrNull,
  first_name: textOrNull,
  last_name: textOrNull,
  image_url: textOrNull,
  primary_email_address_id: textOrNull,
  email_addresses: z.array(z.object({ id: textOrNull, email_address: textOrNull })).nullish(),
  public_metadata: z.record(z.string(), z.unknown()).nullish(),
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  last_sign_in_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkUser = z.output<typeof clerkUser>;

export const clerkOrganization = z.object({
  id,
  name: textOrNull,
  slug: textOrNull,
  image_url: textOrNull,
  created_by: textOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkOrganization = z.output<typeof clerkOrganization>;

export const clerkMembership = z.object({
  id,
  role: textOrNull,
  organization: z.object({ id }),
  public_user_data: z.object({ user_id: id }),
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkMembership = z.output<typeof clerkMembership>;

export const clerkInvitation = z.object({
  id,
  organization_id: idOrNull,
  email_address: textOrNull,
  role: textOrNull,
  status: textOrNull,
  inviter_id: idOrNull,
  user_id: idOrNull,
  expires_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkInvitation = z.output<typeof clerkInvitation>;

const verification = z.object({ status: textOrNull }).nullish();

export const clerkDomain = z.object({
  id,
  organization_id: idOrNull,
  name: textOrNull,
  enrollment_mode: textOrNull,
  affiliation_verification: verification,
  verification,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkDomain = z.output<typeof clerkDomain>;

const named = z.object({
  id,
  key: textOrNull,
  name: textOrNull,
  description: textOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});

export const clerkPermission = named.extend({ type: textOrNull });
export type ClerkPermission = z.output<typeof clerkPermission>;

export const clerkRole = named.extend({
  is_creator_eligible: z.boolean().nullish(),
  permissions: z.array(z.object({ key: textOrNull })).nullish(),
});
export type ClerkRole = z.output<typeof clerkRole>;

export const clerkSession = z.object({
  id,
  user_id: id,
  client_id: idOrNull,
  status: textOrNull,
  actor: z.object({ sub: idOrNull }).nullish(),
  last_active_organization_id: idOrNull,
  last_active_at: millisecondsOrNull,
  expire_at: millisecondsOrNull,
  abandon_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkSession = z.output<typeof clerkSession>;

export const deletedObject = z.object({ id });

const deletedMembership = deletedObject.extend({
  organization: z.object({ id }).nullish(),
  public_user_data: z.object({ user_id: id }).nullish(),
});

const on = <const T extends MirroredEventType[], D extends z.ZodType>(type: T, data: D) =>
  z.object({ type: z.enum(type), data });

/** What `data` must look like for each mirrored type. */
export const mirroredEvent = z.discriminatedUnion("type", [
  on(["user.created", "user.updated"], clerkUser),
  on(["user.deleted"], deletedObject),
  on(["organization.created", "organization.updated"], clerkOrganization),
  on(["organization.deleted"], deletedObject),
  on(["organizationMembership.created", "organizationMembership.updated"], clerkMembership),
  on(["organizationMembership.deleted"], deletedMembership),
  on(
    [
      "organizationInvitation.created",
      "organizationInvitation.accepted",
      "organizationInvitation.revoked",
    ],
    clerkInvitation,
  ),
  on(["organizationDomain.created", "organizationDomain.updated"], clerkDomain),
  on(["organizationDomain.deleted"], deletedObject),
  on(["role.created", "role.updated"], clerkRole),
  on(["role.deleted"], deletedObject),
  on(["permission.created", "permission.updated"], clerkPermission),
  on(["permission.deleted"], deletedObject),
  on(["session.created", "session.pending"], clerkSession),
  on(["session.ended", "session.removed", "session.revoked"], clerkSession),
  on(["paymentAttempt.created", "paymentAttempt.updated"], clerkPaymentAttempt),
  on(
    ["subscription.created", "subscription.updated", "subscription.active", "subscription.pastDue"],
    clerkSubscription,
  ),
  on(
    [
      "subscriptionItem.abandoned",
      "subscriptionItem.active",
      "subscriptionItem.canceled",
      "subscriptionItem.ended",
      "subscriptionItem.freeTrialEnding",
      "subscriptionItem.incomplete",
      "subscriptionItem.pastDue",
      "subscriptionItem.upcoming",
      "subscriptionItem.updated",
    ],
    clerkSubscriptionItem,
  ),
]);
export type MirroredEvent = z.output<typeof mirroredEvent>;
