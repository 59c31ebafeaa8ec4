/**
 * Road 1, from a Request to a Response: verify, record and apply, acknowledge. A 2xx is only ever sent after the
 * commit. A plain function of Web types, so that it can be mounted anywhere.
 */
import { readBody } from "../../body";
import { withDeadline } from "../../deadline";
import { env } from "../../env";
import { log } from "../../log";
import { recordCanaryRefusal } from "../monitoring/canary-refusal";
import { recordDelivery } from "./record";
import { noteSkew } from "./skew";
import { TOLERANCE_S, type Verification, verifyDelivery } from "./verify";

export const MAX_BODY_BYTES = 256 * 1024;

/** The sender must hear of us within 5 s, whatever the database does. */
const ANSWER_WITHIN_MS = 4_500;

/** A delivery that misses the deadline may still be committed; the sender's next try is then a duplicate. */
function missDeadline(): never {
  throw new Error(`the database took longer than ${ANSWER_WITHIN_MS} ms`);
}

const KEPT_HEADERS = ["svix-timestamp", "svix-signature", "user-agent"];

function keptOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.map((name) => [name, (headers.get(name) ?? "").slice(0, 1024)]),
  );
}

function refuse(status: number, error: string, headers?: HeadersInit): Response {
  return Response.json({ error }, { status, headers });
}

/** The status is all that the sender looks at; a body would go through a stream, which takes longer than the signature. */
const acknowledge = () => new Response(null);

function explain(refused: Extract<Verification, { isVerified: false }>): string {
  switch (refused.reason) {
    case "headers":
      return "A webhook needs the headers svix-id, svix-timestamp (seconds) and svix-signature (v1,…), and a UTF-8 body.";
    case "signature":
      return "The webhook signature does not verify. Check that CLERK_WEBHOOK_SIGNING_SECRET is the secret of this endpoint.";
    case "timestamp": {
      const distance = `${Math.abs(refused.secondsAgo)} s ${refused.secondsAgo > 0 ? "ago" : "ahead"}`;
      return `The signature is good, but by this server's clock it was made ${distance}; ${TOLERANCE_S} s are allowed. Check this server's clock, and what holds requests back before it.`;
    }
  }
}

export async function receiveDelivery(request: Request): Promise<Response> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) return refuse(413, `A webhook body is at most ${MAX_BODY_BYTES} bytes.`);
  const verification = verifyDelivery(request.headers, body, env().webhookSigningSecrets);
  if (!verification.isVerified) {
    if (verification.reason === "timestamp") noteSkew(verification.secondsAgo);
    else void recordCanaryRefusal(body);
    return refuse(400, explain(verification));
  }
  const svixId = request.headers.get("svix-id") ?? "";
  try {
    const outcome = await withDeadline(
      recordDelivery({ svixId, body, headers: keptOf(request.headers) }),
      ANSWER_WITHIN_MS,
      missDeadline,
    );
    if (outcome !== "conflict") return acknowledge();
    log.warn("webhook refused: its svix-id is known with another body", { svixId });
    return refuse(400, "This svix-id was received before with another body.");
  } catch (error) {
    log.error("webhook not stored: the database did not take it", { svixId }, error);
    return refuse(503, "The delivery could not be stored. Send it again.", { "retry-after": "5" });
  }
}
