// The stored records of the instance's configuration, which Clerk's dashboard would hold: one schema per noun.

import { z } from "zod";

const id = z.string();
const time = z.number();
const stamps = { createdAt: time, updatedAt: time };
const metadata = z.record(z.string(), z.unknown());

export const permissionSchema = z.object({
  id,
  key: z.string(),
  name: z.string(),
  description: z.string(),
  type: z.enum(["system", "user"]),
  ...stamps,
});
export type PermissionRecord = z.infer<typeof permissionSchema>;

export const roleSchema = z.object({
  id,
  key: z.string(),
  name: z.string(),
  description: z.string(),
  permissionKeys: z.array(z.string()),
  ...stamps,
});
export type RoleRecord = z.infer<typeof roleSchema>;

export const jwtTemplateSchema = z.object({
  id,
  name: z.string(),
  claims: metadata,
  lifetime: z.number(),
  allowedClockSkew: z.number(),
  /**
   * The secret of a template that signs with HS256, for services such as Hasura and Supabase; null to sign with the instance's
   * key.
   */
  signingKey: z.string().nullable(),
  signingAlgorithm: z.string(),
  ...stamps,
});
export type JwtTemplateRecord = z.infer<typeof jwtTemplateSchema>;

/** An invitation to the application itself. */
export const appInvitationSchema = z.object({
  id,
  emailAddress: z.string(),
  status: z.enum(["pending", "accepted", "revoked", "expired"]),
  publicMetadata: metadata,
  redirectUrl: z.string().nullable(),
  expiresAt: time,
  ...stamps,
});
export type AppInvitationRecord = z.infer<typeof appInvitationSchema>;

const enrollmentMode = z.enum([
  "manual_invitation",
  "automatic_invitation",
  "automatic_suggestion",
]);

export const organizationDomainSchema = z.object({
  id,
  organizationId: id,
  name: z.string(),
  enrollmentMode,
  affiliationEmail: z.string().nullable(),
  verification: z
    .object({
      status: z.enum(["unverified", "verified", "failed", "expired"]),
      strategy: z.enum(["affiliation_email_code", "admin"]),
      attempts: z.number().nullable(),
      expireAt: time.nullable(),
      verifiedAt: time.nullable(),
      code: z.string().nullable(),
    })
    .nullable(),
  ...stamps,
});
export type OrganizationDomainRecord = z.infer<typeof organizationDomainSchema>;
export type EnrollmentMode = z.infer<typeof enrollmentMode>;

/** A suggestion to join an organization. It becomes a membership request when the user accepts it. */
export const suggestionSchema = z.object({
  id,
  organizationId: id,
  userId: id,
  status: z.enum(["pending", "accepted", "completed"]),
  requestStatus: z.enum(["none", "pending", "accepted", "rejected"]),
  ...stamps,
});
export type SuggestionRecord = z.infer<typeof suggestionSchema>;

export const waitlistSchema = z.object({
  id,
  emailAddress: z.string(),
  status: z.enum(["pending", "invited", "rejected", "completed"]),
  invitationId: id.nullable(),
  ...stamps,
});
export type WaitlistRecord = z.infer<typeof waitlistSchema>;

export const identifierRuleSchema = z.object({
  id,
  list: z.enum(["allow", "block"]),
  identifier: z.string(),
  invitationId: id.nullable(),
  ...stamps,
});
export type IdentifierRuleRecord = z.infer<typeof identifierRuleSchema>;

export const redirectUrlSchema = z.object({ id, url: z.string(), ...stamps });
export type RedirectUrlRecord = z.infer<typeof redirectUrlSchema>;

export const instanceDomainSchema = z.object({
  id,
  name: z.string(),
  isSatellite: z.boolean(),
  /** The URL of the app's proxy to the Frontend API. Null if a CNAME record of the domain leads to Clerk's Frontend API. */
  proxyUrl: z.string().nullable(),
  createdAt: time,
});
export type InstanceDomainRecord = z.infer<typeof instanceDomainSchema>;

/** An uploaded image, as base64. */
export const imageSchema = z.object({ id, contentType: z.string(), bytes: z.string() });

/** The settings that differ from the defaults. */
export const settingsSchema = z.object({ id, values: z.record(z.string(), z.unknown()) });

export const markSchema = z.object({ id, at: time });

/** How far the instance's clock is ahead of the system clock. */
export const clockSchema = z.object({ id, aheadMs: z.number() });
