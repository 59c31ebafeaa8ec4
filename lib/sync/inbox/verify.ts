/**
 * Was this message signed by Clerk's sender? Svix's scheme: HMAC-SHA256 over `${svix-id}.${svix-timestamp}.${body}`,
 * https://docs.svix.com/receiving/verifying-payloads/how-manual. Hashes with node:crypto, because the svix library does so
 * in JavaScript and takes several times as long; the tests hold both against each other. Parses nothing.
 */
import { isUtf8 } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/** A signature of another moment may be a recording that is sent again. Svix's own tolerance. */
export const TOLERANCE_S = 300;

/**
 * `headers`: one is missing or malformed, or the body is not UTF-8. `signature`: no secret signed these bytes.
 * `timestamp`: the signature is good, but its time is `secondsAgo` away (negative: in the future).
 */
export type Verification =
  | { isVerified: true }
  | { isVerified: false; reason: "headers" | "signature" }
  | { isVerified: false; reason: "timestamp"; secondsAgo: number };

/** Did one of `secrets` sign these exact bytes, at most 5 minutes from `now` (ms)? */
export function verifyDelivery(
  headers: Headers,
  body: Buffer,
  secrets: string[],
  now = Date.now(),
): Verification {
  const id = headers.get("svix-id") ?? "";
  const timestamp = headers.get("svix-timestamp") ?? "";
  const signatures = signaturesOf(headers.get("svix-signature") ?? "");
  // Different malformed bytes would share a signature with whoever decodes them before hashing.
  const isWellFormed =
    /^[\w.-]{1,128}$/.test(id) && /^\d{1,12}$/.test(timestamp) && signatures.length > 0;
  if (!isWellFormed || !isUtf8(body)) return { isVerified: false, reason: "headers" };
  const isSigned = secrets.some((secret) => {
    const expected = createHmac("sha256", keyOf(secret)).update(`${id}.${timestamp}.`).update(body);
    return includes(signatures, expected.digest("base64"));
  });
  if (!isSigned) return { isVerified: false, reason: "signature" };
  const secondsAgo = Math.floor(now / 1000) - Number(timestamp);
  return Math.abs(secondsAgo) <= TOLERANCE_S
    ? { isVerified: true }
    : { isVerified: false, reason: "timestamp", secondsAgo };
}

/** The sender lists one signature for each of its secrets while it rotates them. In base64, as they came. */
function signaturesOf(header: string): string[] {
  return header.split(" ").flatMap((signed) => {
    const [version, signature] = signed.split(",");
    return version === "v1" && signature ? [signature] : [];
  });
}

/** Compares text, not bytes: base64 has several spellings of the same bytes, and only one was signed. */
function includes(signatures: string[], expected: string): boolean {
  const wanted = Buffer.from(expected);
  return signatures.some((signature) => {
    const given = Buffer.from(signature);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}

/** A secret is decoded once. */
const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  const key = keys.get(secret) ?? Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  keys.set(secret, key);
  return key;
}
