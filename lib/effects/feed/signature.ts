/**
 * Signs messages by the Standard Webhooks scheme: HMAC-SHA256 over `${webhook-id}.${webhook-timestamp}.${body}`.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac, randomBytes } from "node:crypto";

/** The length of a new secret. The Standard Webhooks scheme allows 24 to 64 bytes. */
const SECRET_BYTES = 32;

export function createSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
}

const keyOf = (secret: string) => Buffer.from(secret.replace(/^whsec_/, ""), "base64");

/**
 * Returns the headers of one attempt. `id` must not contain a dot, which separates the parts of the signed text. The message is
 * signed with every secret, so that during a rotation a receiver can verify it with the old or the new one.
 */
export function signatureHeaders(
  id: string,
  sentAt: Date,
  body: Buffer,
  secrets: string[],
): Record<string, string> {
  const timestamp = String(Math.floor(sentAt.getTime() / 1_000));
  const signatures = secrets.map((secret) => {
    const hmac = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
    return `v1,${hmac.digest("base64")}`;
  });
  return {
    "webhook-id": id,
    "webhook-timestamp": timestamp,
    "webhook-signature": signatures.join(" "),
  };
}
