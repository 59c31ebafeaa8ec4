/**
 * Schemas of Clerk's objects and events. They have only the fields that the mirror reads, and their output is safe to store in
 * Postgres. Webhooks (description of 2025-04-15) and the Backend API use the same shapes. This file uses no HTTP and no SQL.
 * Billing objects are in `billing.ts`.
 */
import { z } from "zod";
import { clerkPaymentAttempt, clerkSubscription, clerkSubscriptionItem } from "./billing";
import type { MirroredEventType } from "./event-types";
import {
  flagOrNull,
  id,
  idOrNull,
  integerOrNull,
  jsonObjectOrNull,
  millisecondsOrNull,
  textOrNull,
} from "./scalars";

const verification = z.object({ status: textOrNull }).nullish();

/**
 * The common schema of a user's e-mail addresses, phone numbers, external accounts, wallets and passkeys. Unlike the other
 * schemas it keeps unknown attributes, because these elements are stored as Clerk sends them.
 */
const identification = z.looseObject({
  id: textOrNull,
  verification: z.looseObject({ status: textOrNull }).nullish(),
});

const listOrNull = <Element extends z.ZodType>(element: Element) =>
  z
    .array(element)
    .nullish()
    .transform((value) => value ?? null);

/** Clerk's attributes that have no column of their own. `split-object.ts` fills this object. */
const other_attributes = jsonObjectOrNull;

export const clerkUser = z.object({
  id,
  username: textOrNull,
  first_name: textOrNull,
  last_name: textOrNull,
  image_url: textOrNull,
  external_id: textOrNull,
  primary_email_address_id: textOrNull,
  primary_phone_number_id: textOrNull,
  email_addresses: listOrNull(identification.extend({ email_address: textOrNull })),
  phone_numbers: listOrNull(identification.extend({ phone_number: textOrNull })),
  external_accounts: listOrNull(identification.extend({ email_address: textOrNull })),
  web3_wallets: listOrNull(identification.extend({ web3_wallet: textOrNull })),
  passkeys: listOrNull(identification),
  public_metadata: jsonObjectOrNull,
  unsafe_metadata: jsonObjectOrNull,
  private_metadata: jsonObjectOrNull,
  banned: z.boolean().nullish(),
  locked: z.boolean().nullish(),
  has_image: flagOrNull,
  password_enabled: flagOrNull,
  two_factor_enabled: flagOrNull,
  totp_enabled: flagOrNull,
  backup_code_enabled: flagOrNull,
  delete_self_enabled: flagOrNull,
  create_organization_enabled: flagOrNull,
  create_organizations_limit: integerOrNull,
  legal_accepted_at: millisecondsOrNull,
  last_active_at: millisecondsOrNull,
  last_sign_in_at: millisecondsOrNull,
  other_attributes,
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
  has_image: flagOrNull,
  max_allowed_memberships: integerOrNull,
  admin_delete_enabled: flagOrNull,
  public_metadata: jsonObjectOrNull,
  private_metadata: jsonObjectOrNull,
  other_attributes,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkOrganization = z.output<typeof clerkOrganization>;

export const clerkMembership = z.object({
  id,
  role: textOrNull,
  role_name: textOrNull,
  permissions: listOrNull(textOrNull),
  public_metadata: jsonObjectOrNull,
  private_metadata: jsonObjectOrNull,
  other_attributes,
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
  role_name: textOrNull,
  public_metadata: jsonObjectOrNull,
  private_metadata: jsonObjectOrNull,
  other_attributes,
  status: textOrNull,
  inviter_id: idOrNull,
  user_id: idOrNull,
  expires_at: millisecondsOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});
export type ClerkInvitation = z.output<typeof clerkInvitation>;

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

const namedObject = z.object({
  id,
  key: textOrNull,
  name: textOrNull,
  description: textOrNull,
  created_at: millisecondsOrNull,
  updated_at: millisecondsOrNull,
});

export const clerkPermission = namedObject.extend({ type: textOrNull });
export type ClerkPermission = z.output<typeof clerkPermission>;

export const clerkRole = namedObject.extend({
  is_creator_eligible: z.boolean().nullish(),
  permissions: z.array(z.object({ key: textOrNull })).nullish(),
});
export type ClerkRole = z.output<typeof clerkRole>;

const clerkSession = z.object({
  id,
  user_id: id,
  client_id: idOrNull,
  status: textOrNull,
  actor: z.object({ sub: idOrNull }).nullish(),
  last_active_organization_id: idOrNull,
  last_active_at: millisecondsOrNull,
  latest_activity: z
    .object({
      device_type: textOrNull,
      browser_name: textOrNull,
      browser_version: textOrNull,
      city: textOrNull,
      country: textOrNull,
    })
    .nullish(),
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

const eventsOf = <const T extends MirroredEventType[], D extends z.ZodType>(type: T, data: D) =>
  z.object({ type: z.enum(type), data });

/** The schema of a mirrored event: the event type selects the schema of `data`. */
export const mirroredEvent = z.discriminatedUnion("type", [
  eventsOf(["user.created", "user.updated"], clerkUser),
  eventsOf(["user.deleted"], deletedObject),
  eventsOf(["organization.created", "organization.updated"], clerkOrganization),
  eventsOf(["organization.deleted"], deletedObject),
  eventsOf(["organizationMembership.created", "organizationMembership.updated"], clerkMembership),
  eventsOf(["organizationMembership.deleted"], deletedMembership),
  eventsOf(
    [
      "organizationInvitation.created",
      "organizationInvitation.accepted",
      "organizationInvitation.revoked",
    ],
    clerkInvitation,
  ),
  eventsOf(["organizationDomain.created", "organizationDomain.updated"], clerkDomain),
  eventsOf(["organizationDomain.deleted"], deletedObject),
  eventsOf(["role.created", "role.updated"], clerkRole),
  eventsOf(["role.deleted"], deletedObject),
  eventsOf(["permission.created", "permission.updated"], clerkPermission),
  eventsOf(["permission.deleted"], deletedObject),
  eventsOf(["session.created", "session.pending"], clerkSession),
  eventsOf(["session.ended", "session.removed", "session.revoked"], clerkSession),
  eventsOf(["paymentAttempt.created", "paymentAttempt.updated"], clerkPaymentAttempt),
  eventsOf(
    ["subscription.created", "subscription.updated", "subscription.active", "subscription.pastDue"],
    clerkSubscription,
  ),
  eventsOf(
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
