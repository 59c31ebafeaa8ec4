/**
 * Was this message signed by Clerk's sender? Svix's scheme: HMAC-SHA256 over `${svix-id}.${svix-timestamp}.${body}`,
 * https://docs.svix.com/receiving/verifying-payloads/how-manual. Refuses what the library lets pass; parses nothing.
 */
import { isUtf8 } from "node:buffer";
import { Webhook } from "svix";

/** True when one of `secrets` signed these exact bytes, with a timestamp at most 5 minutes away. */
export function verifyDelivery(headers: Headers, body: Buffer, secrets: string[]): boolean {
  const signed = {
    "svix-id": headers.get("svix-id") ?? "",
    "svix-timestamp": headers.get("svix-timestamp") ?? "",
    "svix-signature": headers.get("svix-signature") ?? "",
  };
  // The library falls back to `webhook-*` names, reads "1795…abc" as a number, and decodes the body before hashing,
  // so that different malformed bytes would share a signature.
  const isStrict =
    /^[\w.-]{1,128}$/.test(signed["svix-id"]) &&
    /^\d{1,12}$/.test(signed["svix-timestamp"]) &&
    signed["svix-signature"] !== "" &&
    isUtf8(body);
  return isStrict && secrets.some((secret) => isSignedBy(webhookOf(secret), body, signed));
}

/** A secret is decoded once. */
const webhooks = new Map<string, Webhook>();

function webhookOf(secret: string): Webhook {
  const webhook = webhooks.get(secret) ?? new Webhook(secret);
  webhooks.set(secret, webhook);
  return webhook;
}

function isSignedBy(webhook: Webhook, body: Buffer, signed: Record<string, string>): boolean {
  try {
    webhook.verify(body, signed);
    return true;
  } catch (error) {
    // The library parses JSON only after it has found a good signature; what is not JSON is recorded as unreadable.
    return error instanceof SyntaxError;
  }
}
