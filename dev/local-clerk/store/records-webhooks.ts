// The stored records of webhooks: endpoints, messages, and the dispatches of each message with their attempts.

import { z } from "zod";

const id = z.string();
const time = z.number();

export const endpointSchema = z.object({
  id,
  url: z.string(),
  secret: z.string(),
  /** The previous secret. Webhooks are signed with both secrets until `until`. */
  oldSecret: z.object({ secret: z.string(), until: time }).nullable(),
  /**
   * The event types that the endpoint receives; an empty list means all. `user.*` matches every type that starts with `user.`.
   */
  events: z.array(z.string()),
  isEnabled: z.boolean(),
  /** The time of the first failure since the last success; null after a success. */
  failingSince: time.nullable(),
  createdAt: time,
});
export type EndpointRecord = z.infer<typeof endpointSchema>;

/** A webhook message. Every attempt sends the same body. */
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

/** The delivery of one message to one endpoint. */
export const dispatchSchema = z.object({
  id,
  messageId: id,
  endpointId: id,
  status: z.enum(["pending", "delivered", "failed", "dropped"]),
  /**
   * The number of attempts since the dispatch was created or replayed. `retrySchedule[tries]` is the delay of the next attempt.
   */
  tries: z.number(),
  nextAt: time.nullable(),
  attempts: z.array(attempt),
});
export type DispatchRecord = z.infer<typeof dispatchSchema>;
