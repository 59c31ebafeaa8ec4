/** Whether the webhook endpoint can be reached at its public address. */
import { env } from "../../env";

const TIMEOUT_MS = 5_000;

/** What our route answers to a GET. Any other status, such as a redirect's, is from something else. */
export const ENDPOINT_STATUS = 405;

export const webhookEndpointUrl = () => `${env().appUrl}/api/webhooks/clerk`;

/** The status of a GET. @throws if there is no answer within 5 s. */
export async function probeWebhookEndpoint(): Promise<number> {
  const response = await fetch(webhookEndpointUrl(), {
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.status;
}
