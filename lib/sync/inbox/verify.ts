/**
 * Verifies that Clerk's sender signed a message. Svix's scheme: HMAC-SHA256 over `${svix-id}.${svix-timestamp}.${body}`,
 * https://docs.svix.com/receiving/verifying-payloads/how-manual. Hashes with node:crypto, because the svix library hashes in
 * JavaScript and takes several times as long; a test compares both. Does not parse the body.
 */
import { isUtf8 } from "node:buffer";
import { createHmac, timingSafeEqual } from "node:crypto";

/**
 * The maximum difference in seconds between a message's timestamp and our clock, in both directions, as in the svix library. An
 * older message may be a replay.
 */
export const TOLERANCE_S = 300;

/**
 * `headers`: a header is missing or malformed, or the body is not UTF-8. `signature`: no secret signed these bytes. `timestamp`:
 * the signature is valid, but was made too long ago, or too far in the future. `secondsAgo` is negative for the future.
 */
export type Verification =
  | { isVerified: true }
  | { isVerified: false; reason: "headers" | "signature" }
  | { isVerified: false; reason: "timestamp"; secondsAgo: number };

/** Returns the base64 signature of a message, as Clerk's sender computes it. */
export function signatureOf(secret: string, id: string, timestamp: string, body: Buffer): string {
  return createHmac("sha256", keyOf(secret))
    .update(`${id}.${timestamp}.`)
    .update(body)
    .digest("base64");
}

/** Checks that the body was signed with any of `secrets`, at most TOLERANCE_S before or after `now` (ms). */
export function verifyDelivery(
  headers: Headers,
  body: Buffer,
  secrets: string[],
  now = Date.now(),
): Verification {
  const id = headers.get("svix-id") ?? "";
  const timestamp = headers.get("svix-timestamp") ?? "";
  const signatures = signaturesOf(headers.get("svix-signature") ?? "");
  // Malformed UTF-8 is refused: a sender that decodes the body before hashing would sign different malformed bodies identically.
  const isWellFormed =
    /^[\w.-]{1,128}$/.test(id) && /^\d{1,12}$/.test(timestamp) && signatures.length > 0;
  if (!isWellFormed || !isUtf8(body)) return { isVerified: false, reason: "headers" };
  const isSigned = secrets.some((secret) =>
    includes(signatures, signatureOf(secret, id, timestamp, body)),
  );
  if (!isSigned) return { isVerified: false, reason: "signature" };
  const secondsAgo = Math.floor(now / 1000) - Number(timestamp);
  return Math.abs(secondsAgo) <= TOLERANCE_S
    ? { isVerified: true }
    : { isVerified: false, reason: "timestamp", secondsAgo };
}

/**
 * Returns the base64 signatures of version `v1` in the header. While the sender rotates its secrets, it sends one signature for
 * each secret.
 */
function signaturesOf(header: string): string[] {
  return header.split(" ").flatMap((signed) => {
    const [version, signature] = signed.split(",");
    return version === "v1" && signature ? [signature] : [];
  });
}

/**
 * True if one of the signatures is the expected one. Compares the base64 text, not the decoded bytes: several base64 texts decode
 * to the same bytes.
 */
function includes(signatures: string[], expected: string): boolean {
  const expectedBytes = Buffer.from(expected);
  return signatures.some((signature) => {
    const given = Buffer.from(signature);
    return given.length === expectedBytes.length && timingSafeEqual(given, expectedBytes);
  });
}

/** A cache of the decoded secrets. */
const keys = new Map<string, Buffer>();

function keyOf(secret: string): Buffer {
  const key = keys.get(secret) ?? Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  keys.set(secret, key);
  return key;
}
