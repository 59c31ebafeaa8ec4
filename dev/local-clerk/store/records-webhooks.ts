// What is stored of webhooks: where they go, what was said, and how the saying went.

import { z } from "zod";

const id = z.string();
const time = z.number();

export const endpointSchema = z.object({
  id,
  url: z.string(),
  secret: z.string(),
  /** During a rotation both sign, until the old one is dropped. */
  oldSecret: z.object({ secret: z.string(), until: time }).nullable(),
  /** Types that are sent; none means all. A name that ends in a star stands for what begins with it. */
  events: z.array(z.string()),
  isEnabled: z.boolean(),
  /** Since when every try has failed. */
  failingSince: time.nullable(),
  createdAt: time,
});
export type EndpointRecord = z.infer<typeof endpointSchema>;

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

/** How the sending of one message to one endpoint goes. */
export const dispatchSchema = z.object({
  id,
  messageId: id,
  endpointId: id,
  status: z.enum(["pending", "delivered", "failed", "dropped"]),
  /** Tries since the message was made or replayed: the place in the schedule. */
  tries: z.number(),
  nextAt: time.nullable(),
  attempts: z.array(attempt),
});
export type DispatchRecord = z.infer<typeof dispatchSchema>;
