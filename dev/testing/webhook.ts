/** Posts a webhook to the real route, as Clerk's sender does. */
import { POST } from "@/app/api/webhooks/clerk/route";
import { type SignOptions, svixHeaders } from "./sign";

const url = "https://rollcall.test/api/webhooks/clerk";

export function postWebhook(body: BodyInit, headers: Record<string, string>): Promise<Response> {
  return POST(new Request(url, { method: "POST", body, headers, ...{ duplex: "half" } }));
}

/** Signs a webhook and posts it. Resolves to the status of the response. */
export async function sendWebhook(payload: unknown, options: SignOptions = {}): Promise<number> {
  const body = typeof payload === "string" ? payload : JSON.stringify(payload);
  const secret = process.env.CLERK_WEBHOOK_SIGNING_SECRET ?? "";
  return (await postWebhook(body, svixHeaders(body, secret, options))).status;
}
