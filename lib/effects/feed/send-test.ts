/** Sends a message without a change to an endpoint, also to a disabled one. */
import { randomUUID } from "node:crypto";
import { recordSuccess, requireEndpoint } from "./endpoints";
import { type SendResult, send } from "./send";

/** A success ends a series of failures, so that waiting messages are sent. A failure counts for nothing. */
export async function sendTest(name: string): Promise<SendResult> {
  const endpoint = await requireEndpoint(name);
  const now = new Date();
  const body = JSON.stringify({ type: "feed.test", timestamp: now.toISOString(), data: {} });
  const result = await send(endpoint, { id: `test:${randomUUID()}`, body }, { now });
  if (result.outcome === "accepted" && !endpoint.disabledAt) await recordSuccess(name, now);
  return result;
}
