/**
 * Removes secrets from a verified body before it is stored: one-time codes, tickets, and links that sign a user in or accept
 * an invitation. Pure. A body without a secret is returned unchanged, byte for byte.
 */
import { z } from "zod";

const BLANK = "[blanked]";
const MAX_DEPTH = 100;

/** The only fields of an `email.*` or `sms.*` event that are stored: the other fields can contain the code in clear text. */
const messageKeys = new Set([
  "object",
  "id",
  "slug",
  "status",
  "user_id",
  "email_address_id",
  "phone_number_id",
  "delivered_by_clerk",
  "created_at",
]);

const secretKeys = new Set([
  "url",
  "ticket",
  "token",
  "otp_code",
  "otp",
  "secret",
  "password",
  "backup_codes",
  "nonce",
]);
const secretPattern = new RegExp(
  `"(${[...secretKeys].join("|")})"\\s*:(?!\\s*null\\b)|"(email|sms)\\.`,
);

const isMessage = z.object({ type: z.string().regex(/^(email|sms)\./) });
const anObject = z.record(z.string(), z.unknown());

function blankExceptKept(data: unknown): unknown {
  const entries = anObject.safeParse(data).data;
  if (!entries) return BLANK;
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, messageKeys.has(key) ? value : BLANK]),
  );
}

function blankSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return BLANK;
  if (Array.isArray(value)) return value.map((item) => blankSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKeys.has(key) && item !== null ? BLANK : blankSecrets(item, depth + 1),
    ]),
  );
}

/** Returns the body to store; the same buffer if there was nothing to blank. `json` is the parsed body. */
export function redactBody(body: Buffer, json: unknown): Buffer {
  const text = body.toString("utf8");
  if (!secretPattern.test(text)) return body;
  const event = anObject.safeParse(json).data;
  if (!event) return body;
  const redacted = isMessage.safeParse(event).success
    ? { ...event, data: blankExceptKept(event.data) }
    : event;
  return Buffer.from(JSON.stringify(blankSecrets(redacted, 0)));
}
