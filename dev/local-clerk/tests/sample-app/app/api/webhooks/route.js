import { verifyWebhook } from "@clerk/nextjs/webhooks";

/** Events that passed the signature check, for the test to read. */
const events = [];

export async function POST(request) {
  try {
    events.push(await verifyWebhook(request));
    return new Response(null, { status: 204 });
  } catch {
    return new Response("Invalid signature", { status: 400 });
  }
}

export function GET() {
  return Response.json(events);
}
