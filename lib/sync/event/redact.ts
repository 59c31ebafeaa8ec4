/**
 * What must not be stored of a verified body: one-time codes, links that sign in or accept, tickets. Pure. Bodies
 * without a secret are left as they are, to the byte.
 */
import { z } from "zod";

const BLANK = "[blanked]";
const DEEPEST = 100;

/** The rest of an e-mail or a text message is the message, which carries the code in clear. */
const kept = new Set([
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
const mayHoldSecret = new RegExp(
  `"(${[...secretKeys].join("|")})"\\s*:(?!\\s*null\\b)|"(email|sms)\\.`,
);

const isMessage = z.object({ type: z.string().regex(/^(email|sms)\./) });
const anObject = z.record(z.string(), z.unknown());

function blankExceptKept(data: unknown): unknown {
  const entries = anObject.safeParse(data).data;
  if (!entries) return BLANK;
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, kept.has(key) ? value : BLANK]),
  );
}

function blankSecrets(value: unknown, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > DEEPEST) return BLANK;
  if (Array.isArray(value)) return value.map((item) => blankSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      secretKeys.has(key) && item !== null ? BLANK : blankSecrets(item, depth + 1),
    ]),
  );
}

/** The body to store; the very same buffer when there was nothing to blank. `json` is the parsed body. */
export function redactBody(body: Buffer, json: unknown): Buffer {
  const text = body.toString("utf8");
  if (!mayHoldSecret.test(text)) return body;
  const event = anObject.safeParse(json).data;
  if (!event) return body;
  const redacted = isMessage.safeParse(event).success
    ? { ...event, data: blankExceptKept(event.data) }
    : event;
  return Buffer.from(JSON.stringify(blankSecrets(redacted, 0)));
}
