/**
 * The change feed as effect handlers: the endpoint NAME is the handler `feed:NAME`, so the queue of effects gives it one job per
 * committed change, in order per object. An endpoint that is disabled or removed holds up nothing: its jobs end without a request.
 */
import type { AnyEffect } from "../effect";
import type { HandlerFamily } from "../registry";
import type { Resolver } from "./address";
import { FEED_PREFIX, findEndpoint, recordFailure, recordGone, recordSuccess } from "./endpoints";
import { messageOf } from "./message";
import { DEADLINE_MS, send } from "./send";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/**
 * The delays after each failed try. Their sum is longer than FAILING_LIMIT_MS: no outage that ends before the endpoint is disabled
 * loses a message. The first success after an outage makes all waiting messages due, so a long delay is not waited for.
 */
const delaysMs = [
  5 * SECOND,
  2 * MINUTE,
  20 * MINUTE,
  3 * HOUR,
  12 * HOUR,
  36 * HOUR,
  72 * HOUR,
] as const;

/** The code is logged; it names neither the URL nor data. */
class MessageNotAccepted extends Error {
  override name = "MessageNotAccepted";
  readonly code: string;
  constructor(endpoint: string, code: string) {
    super(`The endpoint ${endpoint} did not accept a message.`);
    this.code = code;
  }
}

type DeliverOptions = { now?: Date; resolver?: Resolver };

/** @throws MessageNotAccepted if the message is to be sent again later. */
export async function deliver(
  name: string,
  effect: AnyEffect,
  { now = new Date(), resolver }: DeliverOptions = {},
): Promise<void> {
  // Read for every message, so that a rotation or a command takes effect at once in every process.
  const endpoint = await findEndpoint(name);
  if (!endpoint || endpoint.disabledAt) return;
  const message = messageOf(effect, endpoint.sendsPrivateMetadata);
  const result = await send(endpoint, message, { signal: effect.signal, now, resolver });
  if (result.outcome === "accepted") return recordSuccess(name, now);
  if (result.outcome === "gone") return recordGone(name, result.reason, now);
  const { isDisabled } = await recordFailure(name, result.reason, now);
  if (!isDisabled) throw new MessageNotAccepted(name, result.code);
}

export const feed: HandlerFamily = {
  prefix: FEED_PREFIX,
  // The request's own deadline, and time for the statements before and after it.
  deadlineMs: DEADLINE_MS + 10 * SECOND,
  concurrency: 8,
  maxAttempts: delaysMs.length + 1,
  backoffMs: (attempts) => delaysMs[attempts - 1] ?? 72 * HOUR,
  run: (handler, effect) => deliver(handler.slice(FEED_PREFIX.length), effect),
};
