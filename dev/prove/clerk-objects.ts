/** The Clerk objects in the simulated histories, and their JSON as Clerk sends it. */
import { emailJson, membershipJson, organizationJson, userJson } from "../testing/clerk-payloads";

export type Table = "users" | "organizations" | "memberships" | "invitations";
export type Fields = Record<string, string | boolean | null>;
export type ClerkObject = {
  table: Table;
  id: string;
  createdAt: number;
  updatedAt: number;
  fields: Fields;
};

/** The value of fields that must not be stored: one-time secrets, tokens, and private metadata (not mirrored by default). */
export const SECRET = "must-not-be-stored";

export function jsonOf({ table, id, createdAt, updatedAt, fields }: ClerkObject) {
  const stamps = { id, created_at: createdAt, updated_at: updatedAt };
  switch (table) {
    case "users":
      return {
        ...userJson({ ...stamps, first_name: fields.name, username: fields.username }),
        ...stamps,
        banned: fields.banned,
        email_addresses: [emailJson("idn_1", String(fields.email))],
        primary_phone_number_id: "idn_p",
        phone_numbers: fields.phone
          ? [{ id: "idn_p", phone_number: fields.phone, backup_codes: [SECRET] }]
          : [],
        external_accounts: [{ id: "eac_1", provider: "oauth_google", access_token: SECRET }],
        private_metadata: { note: SECRET },
        public_metadata: { plan: fields.plan },
        locale: fields.locale,
      };
    case "organizations":
      return {
        ...organizationJson({ ...stamps, name: fields.name, slug: fields.slug }),
        ...stamps,
        public_metadata: { plan: fields.plan },
      };
    case "memberships":
      return {
        ...membershipJson({
          ...stamps,
          userId: String(fields.user),
          organizationId: String(fields.organization),
          role: fields.role,
        }),
        ...stamps,
        public_metadata: { title: fields.title },
      };
    case "invitations":
      return {
        ...stamps,
        object: "organization_invitation",
        organization_id: fields.organization,
        email_address: fields.email,
        role: fields.role,
        status: fields.status,
        public_metadata: { plan: fields.plan },
        url: `https://clerk.test/v1/tickets/accept?ticket=${SECRET}`,
      };
  }
}
