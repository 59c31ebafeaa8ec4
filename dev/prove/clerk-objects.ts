/** The Clerk objects that the proof follows, and their JSON as Clerk sends it. */
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

export function jsonOf({ table, id, createdAt, updatedAt, fields }: ClerkObject) {
  const stamps = { id, created_at: createdAt, updated_at: updatedAt };
  switch (table) {
    case "users":
      return {
        ...userJson({ ...stamps, first_name: fields.name, username: fields.username }),
        ...stamps,
        banned: fields.banned,
        email_addresses: [emailJson("idn_1", String(fields.email))],
      };
    case "organizations":
      return {
        ...organizationJson({ ...stamps, name: fields.name, slug: fields.slug }),
        ...stamps,
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
      };
    case "invitations":
      return {
        ...stamps,
        object: "organization_invitation",
        organization_id: fields.organization,
        email_address: fields.email,
        role: fields.role,
        status: fields.status,
        url: "https://clerk.test/v1/tickets/accept?ticket=secret",
      };
  }
}
