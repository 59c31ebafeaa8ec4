// What is stored, one schema a noun. Times are milliseconds. The shapes of the wire are made from these
// in `resources/`; nothing here is sent to anyone as it is.

import { z } from "zod";

const id = z.string();
const time = z.number();
const metadata = z.record(z.string(), z.unknown());
export type Metadata = z.infer<typeof metadata>;

const verification = z.object({
  strategy: z.enum(["email_code", "reset_password_email_code", "password", "admin", "ticket"]),
  status: z.enum(["unverified", "verified", "failed", "expired"]),
  attempts: z.number().nullable(),
  expireAt: time.nullable(),
  code: z.string().nullable(),
  emailId: id.nullable(),
});
export type VerificationRecord = z.infer<typeof verification>;

const email = z.object({
  id,
  address: z.string(),
  isReserved: z.boolean(),
  verification: verification.nullable(),
  createdAt: time,
  updatedAt: time,
});
export type EmailRecord = z.infer<typeof email>;

export const userSchema = z.object({
  id,
  externalId: z.string().nullable(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  emails: z.array(email),
  primaryEmailId: id.nullable(),
  passwordHash: z.string().nullable(),
  passwordUpdatedAt: time.nullable(),
  publicMetadata: metadata,
  privateMetadata: metadata,
  unsafeMetadata: metadata,
  isBanned: z.boolean(),
  isLocked: z.boolean(),
  deleteSelfEnabled: z.boolean(),
  createOrganizationEnabled: z.boolean(),
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
  /** Seconds, as in the cookie; 0 when nobody is signed in. */
  uat: z.number(),
  createdAt: time,
  updatedAt: time,
});
export type ClientRecord = z.infer<typeof clientSchema>;

export const sessionSchema = z.object({
  id,
  clientId: id,
  userId: id,
  status: z.enum(["active", "ended", "removed", "revoked"]),
  lastActiveOrganizationId: id.nullable(),
  lastActiveAt: time,
  expireAt: time,
  abandonAt: time,
  verifiedAt: time,
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
  status: z.enum(["needs_identifier", "needs_first_factor", "needs_new_password", "complete"]),
  identifier: z.string().nullable(),
  userId: id.nullable(),
  verification: verification.nullable(),
  createdSessionId: id.nullable(),
  abandonAt: time,
});
export type SignInRecord = z.infer<typeof signInSchema>;

export const signUpSchema = z.object({
  id,
  clientId: id,
  emailAddress: z.string().nullable(),
  username: z.string().nullable(),
  firstName: z.string().nullable(),
  lastName: z.string().nullable(),
  passwordHash: z.string().nullable(),
  unsafeMetadata: metadata,
  /** Null until the page has asked for the mail to be sent. */
  verification: verification.nullable(),
  createdUserId: id.nullable(),
  createdSessionId: id.nullable(),
  abandonAt: time,
});
export type SignUpRecord = z.infer<typeof signUpSchema>;

export const ticketSchema = z.object({
  id,
  userId: id,
  organizationId: id.nullable(),
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
  createdAt: time,
});
export type MailRecord = z.infer<typeof mailSchema>;

/** A webhook message: its exact bytes, which no retry changes. */
export const messageSchema = z.object({
  id,
  type: z.string(),
  body: z.string(),
  createdAt: time,
});
export type MessageRecord = z.infer<typeof messageSchema>;

const attempt = z.object({
  at: time,
  status: z.number().nullable(),
  error: z.string().nullable(),
  tookMs: z.number(),
});
export type AttemptRecord = z.infer<typeof attempt>;

/** How the sending of a message goes. Shares the message's id. */
export const dispatchSchema = z.object({
  id,
  status: z.enum(["pending", "delivered", "failed"]),
  /** Tries since the message was made or replayed: the place in the schedule. */
  tries: z.number(),
  nextAt: time.nullable(),
  attempts: z.array(attempt),
});
export type DispatchRecord = z.infer<typeof dispatchSchema>;

export const markSchema = z.object({ id, at: time });
