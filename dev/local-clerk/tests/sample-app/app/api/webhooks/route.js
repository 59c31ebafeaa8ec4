import { verifyWebhook } from "@clerk/nextjs/webhooks";

/** The events whose signature was valid. The test reads them. */
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
