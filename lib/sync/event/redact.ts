/**
 * Removes secrets from a verified body before it is stored: one-time codes, tickets, tokens, and links that sign a user in or
 * accept an invitation. Also removes private metadata unless it is mirrored, and the IP address and browser of the request that
 * caused the event. Pure. Returns the same buffer if nothing had to be removed.
 */
import { z } from "zod";
import { MAX_DEPTH, storableJson } from "./storable-json";

const BLANK = "[blanked]";

/**
 * The key of the canary's nonce in the private metadata of its organization. The nonce is not removed, because the canary
 * searches the inbox for it.
 */
export const CANARY_KEY = "rollcall_canary";

/**
 * In an `email.*` or `sms.*` event, only these fields of `data` keep their values. The other fields can contain the one-time
 * code.
 */
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
  "access_token",
  "refresh_token",
  "id_token",
  "external_verification_redirect_url",
  "otp_code",
  "otp",
  "secret",
  "password",
  "backup_codes",
  "nonce",
]);

/**
 * The metadata attributes. The team's own code writes their content. So a key such as `token` in metadata is not a secret of
 * Clerk, and its value is kept.
 */
const metadataKeys = new Set(["public_metadata", "unsafe_metadata", "private_metadata"]);

export const isSecretKey = (key: string) => secretKeys.has(key);
export const isMetadataKey = (key: string) => metadataKeys.has(key);

const secretPattern = new RegExp(
  `"(${[...secretKeys].join("|")})"\\s*:(?!\\s*null\\b)|"(email|sms)\\.`,
);
const privatePattern = /"private_metadata"\s*:(?!\s*(null\b|\{\s*\}))/;

const isMessage = z.object({ type: z.string().regex(/^(email|sms)\./) });
const anObject = z.record(z.string(), z.unknown());

function blankExceptKept(data: unknown): unknown {
  const entries = anObject.safeParse(data).data;
  if (!entries) return BLANK;
  return Object.fromEntries(
    Object.entries(entries).map(([key, value]) => [key, messageKeys.has(key) ? value : BLANK]),
  );
}

function withoutPrivate(metadata: unknown): unknown {
  const nonce = anObject.safeParse(metadata).data?.[CANARY_KEY];
  return typeof nonce === "string" ? { [CANARY_KEY]: nonce } : {};
}

function blankSecrets(value: unknown, keepsPrivate: boolean, depth: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return BLANK;
  if (Array.isArray(value)) return value.map((item) => blankSecrets(item, keepsPrivate, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      if (key === "private_metadata" && !keepsPrivate) return [key, withoutPrivate(item)];
      if (isMetadataKey(key)) return [key, storableJson(item, key, [], undefined, depth + 1)];
      if (isSecretKey(key) && item !== null) return [key, BLANK];
      return [key, blankSecrets(item, keepsPrivate, depth + 1)];
    }),
  );
}

/**
 * The attribute with the IP address and the browser of the request that caused the event. It is removed, because nothing needs
 * it, and an erasure could not find out whose IP address it is.
 */
const ORIGIN = '"http_request"';
const ordinaryOrigin =
  /"event_attributes":\{"http_request":\{"client_ip":"(?:[^"\\]|\\.)*","user_agent":"(?:[^"\\]|\\.)*"\}\}/;

/** Returns the body to store: the same buffer if nothing had to be removed. `json` is the parsed body. */
export function redactBody(body: Buffer, json: unknown, keepsPrivateMetadata: boolean): Buffer {
  const text = body.toString("utf8");
  const isClean = !secretPattern.test(text) && (keepsPrivateMetadata || !privatePattern.test(text));
  if (isClean) {
    const anonymous = text.replace(ordinaryOrigin, '"event_attributes":{}');
    if (!anonymous.includes(ORIGIN)) return anonymous === text ? body : Buffer.from(anonymous);
  }
  const signed = anObject.safeParse(json).data;
  if (!signed) return body;
  const event = "event_attributes" in signed ? { ...signed, event_attributes: {} } : signed;
  const redacted = isMessage.safeParse(event).success
    ? { ...event, data: blankExceptKept(event.data) }
    : event;
  return Buffer.from(JSON.stringify(blankSecrets(redacted, keepsPrivateMetadata, 0)));
}
