/**
 * Road 1, from a Request to a Response: verify, record and apply, acknowledge. A 2xx is only ever sent after the
 * commit. A plain function of Web types, so that it can be mounted anywhere.
 */
import { readBody } from "../body";
import { env } from "../env";
import { log } from "../log";
import { recordDelivery } from "./inbox";
import { verifyDelivery } from "./verify";

const MAX_BODY_BYTES = 256 * 1024;

const KEPT_HEADERS = ["svix-timestamp", "svix-signature", "user-agent"];

function keptOf(headers: Headers): Record<string, string> {
  return Object.fromEntries(
    KEPT_HEADERS.map((name) => [name, (headers.get(name) ?? "").slice(0, 1024)]),
  );
}

function answer(status: number, error?: string, headers?: HeadersInit): Response {
  return Response.json(error ? { error } : { received: true }, { status, headers });
}

export async function receiveDelivery(request: Request): Promise<Response> {
  const body = await readBody(request, MAX_BODY_BYTES);
  if (!body) return answer(413, `A webhook body is at most ${MAX_BODY_BYTES} bytes.`);
  if (!verifyDelivery(request.headers, body, env().webhookSigningSecrets)) {
    return answer(
      400,
      "The webhook signature does not verify. Check that CLERK_WEBHOOK_SIGNING_SECRET is the secret of this endpoint.",
    );
  }
  const svixId = request.headers.get("svix-id") ?? "";
  try {
    const outcome = await recordDelivery({ svixId, body, headers: keptOf(request.headers) });
    if (outcome !== "conflict") return answer(200);
    log.warn("webhook refused: its svix-id is known with another body", { svixId });
    return answer(400, "This svix-id was received before with another body.");
  } catch (error) {
    log.error("webhook not stored: the database did not take it", { svixId }, error);
    return answer(503, "The delivery could not be stored. Send it again.", { "retry-after": "5" });
  }
}
