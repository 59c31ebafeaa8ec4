/** Probes the webhook endpoint at its public address. */
import { env } from "../../env";

const TIMEOUT_MS = 5_000;

/**
 * The status with which our webhook route responds to a GET. Any other status, such as that of a redirect, is from another
 * server.
 */
export const ENDPOINT_STATUS = 405;

export const webhookEndpointUrl = () => `${env().appUrl}/api/webhooks/clerk`;

/** Resolves to the status of a GET. @throws if there is no response within 5 s. */
export async function probeWebhookEndpoint(): Promise<number> {
  const response = await fetch(webhookEndpointUrl(), {
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.status;
}
