/**
 * Raw bytes to an event: total, never throws. Knows Clerk's payloads (the webhook description of 2025-04-15 and the
 * Backend API's objects, which have the same shapes) and nothing of HTTP or Postgres.
 */
import { z } from "zod";

/** Postgres text cannot hold U+0000, nor UTF-8 a lone surrogate: both become U+FFFD. */
const text = z.string().transform((value) => value.toWellFormed().replaceAll("\u0000", "\uFFFD"));
const textOrNull = text.nullish().transform((value) => value ?? null);

/** Clerk's payloads carry milliseconds; examples in its description carry seconds. Ten digits are seconds. */
const milliseconds = z
  .number()
  .nonnegative()
  .max(8.64e15)
  .transform((value) => Math.trunc(value < 1e11 ? value * 1000 : value));
const millisecondsOrNull = milliseconds.nullish().transform((value) => value ?? null);

const id = text.pipe(z.string().min(1).max(255));

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

const buried = z.object({ id });

const buriedMembership = buried.extend({
  organization: z.object({ id }).nullish(),
  public_user_data: z.object({ user_id: id }).nullish(),
});

/** What `data` must look like for each mirrored type; a type that is not here is recorded and ignored. */
const mirrored = z.discriminatedUnion("type", [
  z.object({ type: z.literal("user.created"), data: clerkUser }),
  z.object({ type: z.literal("user.updated"), data: clerkUser }),
  z.object({ type: z.literal("user.deleted"), data: buried }),
  z.object({ type: z.literal("organization.created"), data: clerkOrganization }),
  z.object({ type: z.literal("organization.updated"), data: clerkOrganization }),
  z.object({ type: z.literal("organization.deleted"), data: buried }),
  z.object({ type: z.literal("organizationMembership.created"), data: clerkMembership }),
  z.object({ type: z.literal("organizationMembership.updated"), data: clerkMembership }),
  z.object({ type: z.literal("organizationMembership.deleted"), data: buriedMembership }),
]);
export type MirroredEvent = z.output<typeof mirrored>;

const mirroredTypes = new Set<string>(mirrored.options.map((option) => option.shape.type.value));

const envelope = z.object({
  type: text,
  data: z.unknown(),
  timestamp: milliseconds.nullish().catch(null),
  instance_id: textOrNull.catch(null),
});

export type Envelope = {
  type: string | null;
  objectId: string | null;
  instanceId: string | null;
  /** Clerk's own clock, in ms since the epoch; null when the event does not say. */
  occurredAt: number | null;
};

export type ParsedDelivery = Envelope &
  ({ fate: "mirrored"; event: MirroredEvent } | { fate: "ignored" } | { fate: "unreadable" });

const unreadable: ParsedDelivery = {
  fate: "unreadable",
  type: null,
  objectId: null,
  instanceId: null,
  occurredAt: null,
};

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

export function parseDelivery(body: Buffer): ParsedDelivery {
  const outer = envelope.safeParse(parseJson(body));
  if (!outer.success) return unreadable;
  const { type, data, timestamp, instance_id } = outer.data;
  const about = {
    type,
    objectId: buried.safeParse(data).data?.id ?? null,
    instanceId: instance_id,
    occurredAt: timestamp ?? null,
  };
  if (!mirroredTypes.has(type)) return { ...about, fate: "ignored" };
  const event = mirrored.safeParse({ type, data });
  return event.success
    ? { ...about, fate: "mirrored", event: event.data }
    : { ...about, fate: "unreadable" };
}
