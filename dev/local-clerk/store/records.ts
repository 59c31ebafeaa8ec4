// The stored records: one schema per noun. Times are milliseconds since 1970. `resources/` turns records into
// the JSON of the APIs; a record is never sent as it is.

import { z } from "zod";

const id = z.string();
const time = z.number();
const metadata = z.record(z.string(), z.unknown());
export type Metadata = z.infer<typeof metadata>;

const verification = z.object({
  strategy: z.union([
    z.templateLiteral(["oauth_", z.string()]),
    z.templateLiteral(["from_oauth_", z.string()]),
    z.enum([
      "admin",
      "backup_code",
      "email_code",
      "email_link",
      "password",
      "phone_code",
      "reset_password_email_code",
      "reset_password_phone_code",
      "ticket",
      "totp",
    ]),
  ]),
  status: z.enum(["unverified", "verified", "failed", "expired", "transferable"]),
  attempts: z.number().nullable(),
  expireAt: time.nullable(),
  code: z.string().nullable(),
  emailId: id.nullable(),
  phoneId: id.nullable().default(null),
  /** The URL that an emailed link redirects to after verification. */
  redirectUrl: z.string().nullable().default(null),
  /** For OAuth: the URL of the provider's page, the id of the OAuth round, and the round's error. Null for other strategies. */
  externalUrl: z.string().nullable().default(null),
  roundId: id.nullable().default(null),
  error: z
    .object({
      code: z.string(),
      message: z.string(),
      long_message: z.string(),
      meta: metadata.optional(),
    })
    .nullable()
    .default(null),
});
export type VerificationRecord = z.infer<typeof verification>;

const email = z.object({
  id,
  address: z.string(),
  isReserved: z.boolean(),
  verification: verification.nullable(),
  /** The external accounts that verified this address. */
  linkedTo: z.array(z.object({ type: z.string(), id })).default([]),
  createdAt: time,
  updatedAt: time,
});
export type EmailRecord = z.infer<typeof email>;

const phone = z.object({
  id,
  number: z.string(),
  isReserved: z.boolean(),
  isSecondFactor: z.boolean(),
  isDefaultSecondFactor: z.boolean(),
  verification: verification.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type PhoneRecord = z.infer<typeof phone>;

const externalAccount = z.object({
  id,
  provider: z.string(),
  identificationId: id,
  providerUserId: z.string(),
  emailAddress: z.string(),
  firstName: z.string(),
  lastName: z.string(),
  verification,
  createdAt: time,
  updatedAt: time,
});
export type ExternalAccountRecord = z.infer<typeof externalAccount>;

export const userSchema = z.object({
  id,
  externalId: z.string().nullable(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  emails: z.array(email),
  primaryEmailId: id.nullable(),
  phones: z.array(phone).default([]),
  primaryPhoneId: id.nullable().default(null),
  externalAccounts: z.array(externalAccount).default([]),
  imageId: id.nullable().default(null),
  passwordHash: z.string().nullable(),
  passwordUpdatedAt: time.nullable(),
  /**
   * True after a call of the Backend API has marked the password as compromised. New sessions are then pending until the user has
   * set another password.
   */
  isPasswordCompromised: z.boolean().default(false),
  totpSecret: z.string().nullable().default(null),
  isTotpVerified: z.boolean().default(false),
  backupCodes: z.array(z.string()).default([]),
  mfaEnabledAt: time.nullable().default(null),
  failedAttempts: z.number().default(0),
  /** When the lock ends. Null on a locked user means that only an admin can unlock it. */
  lockedUntil: time.nullable().default(null),
  legalAcceptedAt: time.nullable().default(null),
  locale: z.string().nullable().default(null),
  publicMetadata: metadata,
  privateMetadata: metadata,
  unsafeMetadata: metadata,
  isBanned: z.boolean(),
  isLocked: z.boolean(),
  deleteSelfEnabled: z.boolean(),
  createOrganizationEnabled: z.boolean(),
  /** How many organizations the user may create. Zero and null mean any number. */
  createOrganizationsLimit: z.number().nullable().default(null),
  /** The organization that was chosen last in any session. Null means the personal account; undefined means no choice yet. */
  lastActiveOrganizationId: id.nullable().optional(),
  lastSignInAt: time.nullable(),
  lastActiveAt: time.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type UserRecord = z.infer<typeof userSchema>;

export const organizationSchema = z.object({
  id,
  name: z.string(),
  slug: z.string(),
  createdBy: id.nullable(),
  imageId: id.nullable().default(null),
  publicMetadata: metadata,
  privateMetadata: metadata,
  maxAllowedMemberships: z.number(),
  adminDeleteEnabled: z.boolean(),
  createdAt: time,
  updatedAt: time,
});
export type OrganizationRecord = z.infer<typeof organizationSchema>;

export const membershipSchema = z.object({
  id,
  organizationId: id,
  userId: id,
  role: z.string(),
  publicMetadata: metadata,
  privateMetadata: metadata,
  createdAt: time,
  updatedAt: time,
});
export type MembershipRecord = z.infer<typeof membershipSchema>;

export const invitationSchema = z.object({
  id,
  organizationId: id,
  emailAddress: z.string(),
  role: z.string(),
  inviterId: id.nullable(),
  status: z.enum(["pending", "accepted", "revoked", "expired"]),
  publicMetadata: metadata,
  privateMetadata: metadata,
  redirectUrl: z.string().nullable().default(null),
  expiresAt: time,
  createdAt: time,
  updatedAt: time,
});
export type InvitationRecord = z.infer<typeof invitationSchema>;

export const clientSchema = z.object({
  id,
  token: z.string(),
  lastActiveSessionId: id.nullable(),
  lastAuthenticationStrategy: z.string().nullable(),
  signInId: id.nullable(),
  signUpId: id.nullable(),
  /** The time of the last sign-in or sign-out, in seconds since 1970, as in the `__client_uat` cookie; 0 when signed out. */
  uat: z.number(),
  createdAt: time,
  updatedAt: time,
});
export type ClientRecord = z.infer<typeof clientSchema>;

export const sessionSchema = z.object({
  id,
  clientId: id,
  userId: id,
  status: z.enum(["pending", "active", "ended", "removed", "revoked"]),
  lastActiveOrganizationId: id.nullable(),
  lastActiveAt: time,
  expireAt: time,
  abandonAt: time,
  verifiedAt: time,
  secondFactorAt: time.nullable().default(null),
  /** The reverification in progress. */
  reverification: z
    .object({
      level: z.enum(["first_factor", "second_factor", "multi_factor"]),
      first: verification.nullable(),
      second: verification.nullable(),
    })
    .nullable()
    .default(null),
  /** The impersonator of an impersonated session; null for any other session. */
  actor: z.looseObject({ sub: z.string() }).nullable().default(null),
  activity: z.object({
    id,
    browserName: z.string(),
    browserVersion: z.string(),
    deviceType: z.string(),
    isMobile: z.boolean(),
    ipAddress: z.string(),
  }),
  createdAt: time,
  updatedAt: time,
});
export type SessionRecord = z.infer<typeof sessionSchema>;

export const signInSchema = z.object({
  id,
  clientId: id,
  status: z.enum([
    "needs_identifier",
    "needs_first_factor",
    "needs_second_factor",
    "needs_client_trust",
    "needs_new_password",
    "complete",
  ]),
  identifier: z.string().nullable(),
  userId: id.nullable(),
  verification: verification.nullable(),
  secondVerification: verification.nullable().default(null),
  createdSessionId: id.nullable(),
  /**
   * True if responses must not reveal whether the identifier has an account. After an identifier without an account is verified,
   * the sign-in can be transferred to a sign-up.
   */
  signUpIfMissing: z.boolean().default(false),
  abandonAt: time,
});
export type SignInRecord = z.infer<typeof signInSchema>;

export const signUpSchema = z.object({
  id,
  clientId: id,
  emailAddress: z.string().nullable(),
  phoneNumber: z.string().nullable().default(null),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  passwordHash: z.string().nullable(),
  publicMetadata: metadata.default({}),
  unsafeMetadata: metadata,
  legalAcceptedAt: time.nullable().default(null),
  /** The id of the invitation's ticket, if the sign-up started with an invitation. */
  ticketId: id.nullable().default(null),
  /** The account at a provider, if the sign-up started with that account. */
  external: z
    .object({
      provider: z.string(),
      providerUserId: z.string(),
      emailAddress: z.string().default(""),
      firstName: z.string().default(""),
      lastName: z.string().default(""),
    })
    .nullable()
    .default(null),
  phoneVerification: verification.nullable().default(null),
  externalVerification: verification.nullable().default(null),
  /** Null until the page has requested the verification email. */
  verification: verification.nullable(),
  createdUserId: id.nullable(),
  createdSessionId: id.nullable(),
  externalId: z.string().nullable().default(null),
  hasCustomAction: z.boolean().default(false),
  abandonAt: time,
});
export type SignUpRecord = z.infer<typeof signUpSchema>;

/** A single-use token that allows the action `kind`. The token is in a link that is mailed, or that the Backend API returns. */
export const ticketSchema = z.object({
  id,
  kind: z.enum(["sign_in", "actor", "invitation", "organization_invitation"]).default("sign_in"),
  userId: id.nullable(),
  organizationId: id.nullable(),
  invitationId: id.nullable().default(null),
  actor: z.looseObject({ sub: z.string() }).nullable().default(null),
  sessionSeconds: z.number().nullable().default(null),
  token: z.string(),
  status: z.enum(["pending", "accepted", "revoked"]),
  expiresAt: time,
  createdAt: time,
  updatedAt: time,
});
export type TicketRecord = z.infer<typeof ticketSchema>;

export const mailSchema = z.object({
  id,
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  code: z.string().nullable(),
  link: z.string().nullable().default(null),
  channel: z.enum(["mail", "sms"]).default("mail"),
  createdAt: time,
});
export type MailRecord = z.infer<typeof mailSchema>;
