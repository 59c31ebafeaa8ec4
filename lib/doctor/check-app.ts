/** Compares this server's clock with Clerk's, and checks the public address of the webhook endpoint. */
import {
  ENDPOINT_STATUS,
  probeWebhookEndpoint,
  webhookEndpointUrl,
} from "../sync/monitoring/webhook-endpoint";
import { causeOf, type Finding, finding, ok } from "./finding";

/** A larger difference fails the check: session tokens tolerate 5 s of clock skew (`lib/identity/claims.ts`), webhooks 300 s. */
const TOLERATED_MS = 5_000;

/**
 * Compares this server's clock with `clerk`, the time in an HTTP `Date` header. The header has whole seconds, so a difference
 * below 2 s counts as none. (Health compares the database's clock.)
 */
export function checkClock(clerk: Date, now = new Date()): Finding {
  const ahead = clerk.getTime() - now.getTime();
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  if (Math.abs(ahead) < 2_000) return ok("Clock", "This clock and Clerk's clock agree.");
  return finding(
    Math.abs(ahead) > TOLERATED_MS ? "bad" : "warn",
    "Clock",
    `This clock is ${seconds} s ${ahead > 0 ? "behind" : "ahead of"} Clerk's clock. Session tokens tolerate 5 s, webhooks 300 s.`,
    "Let NTP set the clock of this machine.",
  );
}

export async function checkEndpoint(): Promise<Finding> {
  const check = "Endpoint";
  const url = webhookEndpointUrl();
  try {
    const status = await probeWebhookEndpoint();
    return status === ENDPOINT_STATUS
      ? ok(check, `${url} answers.`)
      : finding(
          "bad",
          check,
          `${url} answered ${status} instead of the webhook endpoint's ${ENDPOINT_STATUS}.`,
          "Check APP_URL, and that no proxy or redirect stands before the endpoint.",
        );
  } catch (error) {
    return finding(
      "warn",
      check,
      `${url} did not answer (${causeOf(error)}).`,
      "Start the app, or set APP_URL to its public address.",
    );
  }
}
