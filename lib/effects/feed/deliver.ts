/**
 * The change feed as effect handlers: the endpoint NAME is the handler `feed:NAME`. The queue of effects therefore has one job
 * for each endpoint and committed change, in order for each object. The jobs of a disabled or removed endpoint finish without a
 * request.
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
 * The delays in ms after the first failed try, the second and so on. Their sum exceeds FAILING_LIMIT_MS, so no message is lost in
 * an outage that ends before the endpoint is disabled. The first success after an outage of over a minute makes all pending
 * messages due at once, whatever their delay.
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

/** Thrown so that the runner retries the message. The error's code is logged; the code contains neither the URL nor data. */
class MessageNotAccepted extends Error {
  override name = "MessageNotAccepted";
  readonly code: string;
  constructor(endpoint: string, code: string) {
    super(`The endpoint ${endpoint} did not accept a message.`);
    this.code = code;
  }
}

type DeliverOptions = { now?: Date; resolver?: Resolver };

/**
 * Sends one message; does nothing for a disabled or removed endpoint. @throws MessageNotAccepted if the message must be sent
 * again.
 */
export async function deliver(
  name: string,
  effect: AnyEffect,
  { now = new Date(), resolver }: DeliverOptions = {},
): Promise<void> {
  // The endpoint is read for every message, so that a secret rotation or a command takes effect at once in every process.
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
  // The deadline of the HTTP request, plus time for the SQL statements before and after it.
  deadlineMs: DEADLINE_MS + 10 * SECOND,
  concurrency: 8,
  maxAttempts: delaysMs.length + 1,
  backoffMs: (attempts) => delaysMs[attempts - 1] ?? 72 * HOUR,
  run: (handler, effect) => deliver(handler.slice(FEED_PREFIX.length), effect),
};
