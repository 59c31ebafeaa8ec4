/** Compares this server's clock with Clerk's, and checks the public address of the webhook endpoint. */
import {
  ENDPOINT_STATUS,
  probeWebhookEndpoint,
  webhookEndpointUrl,
} from "../sync/monitoring/webhook-endpoint";
import { causeOf, type Finding, finding, ok } from "./finding";

/** A larger difference fails the check: session tokens tolerate 5 s of clock skew (`lib/identity/claims.ts`), webhooks 300 s. */
const TOLERATED_MS = 5_000;

/** The time (ms) in an HTTP `Date` header, and this clock's times before the request and after the response. */
export type ClockReading = { theirs: number; sentAt: number; answeredAt: number };

/**
 * Returns how far Clerk's clock is ahead (ms), at the least. Clerk read its clock between the request and the response, so a slow
 * answer is no difference; the header has whole seconds, so neither is one below 2 s.
 */
function aheadOf({ theirs, sentAt, answeredAt }: ClockReading): number {
  if (theirs > answeredAt) return theirs - answeredAt;
  return Math.min(0, theirs + 1_000 - sentAt);
}

/** Compares this server's clock with Clerk's. (Health compares the database's clock.) */
export function checkClock(reading: ClockReading): Finding {
  const ahead = aheadOf(reading);
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
