/**
 * The webhook endpoint: verifies a request, records and applies its delivery, and acknowledges it. A 2xx is only sent after the
 * commit. The endpoint is a plain function from a Web `Request` to a `Response`, so that any server can mount it.
 */
import { readBody } from "../../body";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";
import { metrics, secondsSince } from "../../telemetry/metrics";
import { annotate, DELIVERY_ID, DELIVERY_OUTCOME, withSpan } from "../../telemetry/tracing";
import { recordCanaryRefusal } from "../monitoring/canary-refusal";
import { noteSkew, noteTooLarge } from "../monitoring/refusals";
import { type Outcome, recordDelivery } from "./record";
import { TOLERANCE_S, type Verification, verifyDelivery } from "./verify";

/**
 * The maximum size of a message from Clerk's sender: the Svix server accepts up to 2 MiB, and the Svix cloud less.
 * https://github.com/svix/svix-webhooks/pull/1530
 */
export const MAX_BODY_BYTES = 2 * 1024 * 1024;

/** The deadline in ms for the response, even if the database hangs. It is shorter than the sender's timeout. */
const ANSWER_WITHIN_MS = 4_500;

/** Throws the error of a missed deadline. The delivery may still be committed. The sender's next try is then a duplicate. */
function missDeadline(): never {
  throw new Error(`the database took longer than ${ANSWER_WITHIN_MS} ms`);
}

const KEPT_HEADERS = ["svix-timestamp", "svix-signature", "user-agent"];

function keptHeadersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.map((name) => [name, (headers.get(name) ?? "").slice(0, 1024)]),
  );
}

function refuse(status: number, error: string, headers?: HeadersInit): Response {
  return Response.json({ error }, { status, headers });
}

/**
 * Returns a response without a body: the sender only reads the status, and streaming a body takes longer than verifying the
 * signature.
 */
const acknowledge = () => new Response(null);

export function explain(refused: Extract<Verification, { isVerified: false }>): string {
  switch (refused.reason) {
    case "headers":
      return "A webhook needs the headers svix-id, svix-timestamp (seconds) and svix-signature (v1,…), and a UTF-8 body.";
    case "signature":
      return "The webhook signature does not verify. Check that CLERK_WEBHOOK_SIGNING_SECRET is the secret of this endpoint.";
    case "timestamp": {
      const distance = `${Math.abs(refused.secondsAgo)} s ${refused.secondsAgo > 0 ? "ago" : "ahead"}`;
      return `The signature is good, but by this server's clock it was made ${distance}; ${TOLERANCE_S} s are allowed. Check this server's clock, and any proxy that delays requests.`;
    }
  }
}

/** The metrics of a request: what became of it, and how long it took if the delivery is settled. */
function count(outcome: Outcome | "refused" | "unavailable", startedAt: number): void {
  const found = metrics();
  if (!found) return;
  found.deliveries.inc({ outcome });
  if (outcome === "applied" || outcome === "stale" || outcome === "ignored")
    found.applyDelay.observe({ settled: "at once" }, secondsSince(startedAt));
}

export async function receiveDelivery(request: Request): Promise<Response> {
  const startedAt = performance.now();
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!Buffer.isBuffer(body)) {
    if (body.status === 413) noteTooLarge(request, MAX_BODY_BYTES);
    // No later try of the same request can succeed, so the response has no `retry-after`.
    count("refused", startedAt);
    return refuse(body.status, `${body.error} Sending it again does not help.`, body.headers);
  }
  const verification = verifyDelivery(request.headers, body, env().webhookSigningSecrets);
  if (!verification.isVerified) {
    if (verification.reason === "timestamp") noteSkew(verification.secondsAgo);
    else void recordCanaryRefusal(body);
    count("refused", startedAt);
    return refuse(400, explain(verification));
  }
  const svixId = request.headers.get("svix-id") ?? "";
  try {
    const message = { svixId, body, headers: keptHeadersOf(request.headers) };
    const attributes = { [DELIVERY_ID]: svixId };
    const outcome = await withSpan("receive delivery", { attributes }, async () => {
      const recorded = await withDeadline(recordDelivery(message), ANSWER_WITHIN_MS, missDeadline);
      annotate({ [DELIVERY_OUTCOME]: recorded });
      return recorded;
    });
    count(outcome, startedAt);
    if (outcome !== "conflict") return acknowledge();
    log.warn("webhook refused: its svix-id was received before with another body", { svixId });
    return refuse(400, "This svix-id was received before with another body.");
  } catch (error) {
    count("unavailable", startedAt);
    log.error("webhook not stored: the database failed or timed out", { svixId }, error);
    return refuse(503, "The delivery could not be stored. Send it again.", { "retry-after": "5" });
  }
}
