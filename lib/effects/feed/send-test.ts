/** Sends a test message, which reports no change, to an endpoint. Works for a disabled endpoint too. */
import { randomUUID } from "node:crypto";
import { recordSuccess, requireEndpoint } from "./endpoints";
import { type SendResult, send } from "./send";

/**
 * Sends a test message. If an enabled endpoint accepts the message, records a success, so that messages that wait since an outage
 * are sent at once. Does not record a failure.
 */
export async function sendTest(name: string): Promise<SendResult> {
  const endpoint = await requireEndpoint(name);
  const now = new Date();
  const body = JSON.stringify({ type: "feed.test", timestamp: now.toISOString(), data: {} });
  const result = await send(endpoint, { id: `test:${randomUUID()}`, body }, { now });
  if (result.outcome === "accepted" && !endpoint.disabledAt) await recordSuccess(name, now);
  return result;
}
