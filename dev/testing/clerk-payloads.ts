/**
 * Clerk's objects and events in the format of its webhooks. A test passes the attributes that matter to it; the others have
 * defaults.
 */
import { randomUUID } from "node:crypto";

export const clerkId = (prefix: string) => `${prefix}_${randomUUID().replaceAll("-", "")}`;

type Fields = Record<string, unknown>;

export const emailJson = (id: string, email_address: string) => ({
  id,
  object: "email_address",
  email_address,
  verification: { status: "verified", strategy: "email_code", attempts: 1, expire_at: 1 },
  linked_to: [],
});

export function userJson(fields: Fields & { id: string }) {
  return {
    object: "user",
    username: null,
    first_name: "Ada",
    last_name: "Lovelace",
    image_url: "https://img.example.test/ada.png",
    primary_email_address_id: "idn_1",
    email_addresses: [
      emailJson("idn_0", "old@example.com"),
      emailJson("idn_1", `${fields.id}@example.com`),
    ],
    phone_numbers: [],
    web3_wallets: [],
    external_accounts: [],
    enterprise_accounts: [],
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: {},
    banned: false,
    locked: false,
    last_sign_in_at: null,
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_000,
    ...fields,
  };
}

export function organizationJson(fields: Fields & { id: string }) {
  return {
    object: "organization",
    name: "Analytical Engines",
    slug: "analytical-engines",
    image_url: "https://img.example.test/engines.png",
    created_by: null,
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_000,
    ...fields,
  };
}

export function membershipJson({
  userId,
  organizationId,
  ...fields
}: Fields & { id: string; userId: string; organizationId: string }) {
  return {
    object: "organization_membership",
    role: "org:member",
    organization: organizationJson({ id: organizationId }),
    public_user_data: { user_id: userId, identifier: "ada@example.com", first_name: "Ada" },
    created_at: 1_790_000_000_000,
    updated_at: 1_790_000_000_000,
    ...fields,
  };
}

export const deletedJson = (id: string) => ({ id, object: "user", deleted: true });

export function event(type: string, data: object, timestamp = 1_790_000_000_000) {
  return { object: "event", type, data, timestamp, instance_id: "ins_test", event_attributes: {} };
}
