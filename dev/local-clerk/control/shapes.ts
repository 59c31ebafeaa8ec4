// Schemas of the control API, shared by the server and the client.

import { z } from "zod";
import { faultShape } from "../simulation/faults";
import { disturbanceShape } from "../webhooks/disturbances";

export const mailShape = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  text: z.string(),
  code: z.string().nullable(),
  link: z.string().nullable(),
  channel: z.enum(["mail", "sms"]),
  createdAt: z.number(),
});
export type Mail = z.infer<typeof mailShape>;

const sending = {
  status: z.enum(["pending", "delivered", "failed", "dropped"]),
  nextAt: z.number().nullable(),
  attempts: z.array(
    z.object({
      at: z.number(),
      status: z.number().nullable(),
      error: z.string().nullable(),
      tookMs: z.number(),
    }),
  ),
};

export const messageShape = z.object({
  id: z.string(),
  type: z.string(),
  createdAt: z.number(),
  ...sending,
  deliveries: z.array(z.object({ endpointId: z.string(), ...sending })),
});
export type Message = z.infer<typeof messageShape>;
export const messageWithBodyShape = messageShape.extend({ body: z.string() });

export const endpointShape = z.object({
  id: z.string(),
  url: z.string(),
  secret: z.string(),
  oldSecret: z.object({ secret: z.string(), until: z.number() }).nullable(),
  events: z.array(z.string()),
  isEnabled: z.boolean(),
  failingSince: z.number().nullable(),
});

const userShape = z.object({
  id: z.string(),
  name: z.string(),
  email: z.string(),
  note: z.string(),
  isSeeded: z.boolean(),
  createdAt: z.number(),
});
export type Person = z.infer<typeof userShape>;

const organizationShape = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  members: z.array(z.object({ userId: z.string(), name: z.string(), role: z.string() })),
});
export type OrganizationSummary = z.infer<typeof organizationShape>;

const liveSessionShape = z.object({
  id: z.string(),
  userId: z.string(),
  name: z.string(),
  browser: z.string(),
  /** The user id of the impersonator; null when the session is not impersonated. */
  actor: z.string().nullable(),
  lastActiveAt: z.number(),
});
export type LiveSession = z.infer<typeof liveSessionShape>;

export const overviewShape = z.object({
  now: z.number(),
  appUrl: z.string(),
  webhookUrl: z.string(),
  isPaused: z.boolean(),
  /** Whether the app's endpoint is enabled. Svix disables an endpoint after five days of failures. */
  isEndpointEnabled: z.boolean(),
  disturbances: disturbanceShape,
  faults: z.array(faultShape),
  sessions: z.array(liveSessionShape),
  password: z.string(),
  mails: z.array(mailShape),
  users: z.array(userShape),
  usersCount: z.number(),
  organizations: z.array(organizationShape),
  organizationsCount: z.number(),
  messages: z.array(messageShape),
  messagesCount: z.number(),
});
export type Overview = z.infer<typeof overviewShape>;

export const newUserShape = z.strictObject({
  emailAddress: z.email(),
  password: z.string().min(8).optional(),
  firstName: z.string().nullable().default(null),
  lastName: z.string().nullable().default(null),
  publicMetadata: z.record(z.string(), z.unknown()).default({}),
});
export type NewUser = z.input<typeof newUserShape>;

export const idShape = z.object({ id: z.string() });
export const advanceShape = z.strictObject({ ms: z.number().int().positive() });
