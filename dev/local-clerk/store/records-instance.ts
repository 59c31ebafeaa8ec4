// What is stored of the instance itself: what Clerk's dashboard would hold, one schema a noun.

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
  /** With a key of its own a template signs HS256, as Hasura and Supabase ask for. */
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

/** A suggestion to a person becomes a request to the organization when they ask to join. */
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
  /** Null: reached by DNS. */
  proxyUrl: z.string().nullable(),
  createdAt: time,
});
export type InstanceDomainRecord = z.infer<typeof instanceDomainSchema>;

/** A picture that somebody uploaded, as base64. */
export const imageSchema = z.object({ id, contentType: z.string(), bytes: z.string() });

/** What was set differently from the defaults. */
export const settingsSchema = z.object({ id, values: z.record(z.string(), z.unknown()) });

export const markSchema = z.object({ id, at: time });

/** How far the one clock is ahead of the machine's. */
export const clockSchema = z.object({ id, aheadMs: z.number() });
