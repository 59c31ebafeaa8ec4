/**
 * The encryption of the archive. Each entry is encrypted with AES-256-GCM and its own random key, which is stored wrapped:
 * encrypted with a key from ARCHIVE_KEY. The hashes for lookups use another random key, which is wrapped in the same way, so a
 * rotation of ARCHIVE_KEY changes no hash.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import type { ArchiveKey } from "../env";

const ALGORITHM = "aes-256-gcm";
const FORMAT = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Thrown when the archive cannot decrypt a value. The message says why, without data. */
export class ArchiveUnreadable extends Error {
  override name = "ArchiveUnreadable";
}

export const randomKey = (): Buffer => randomBytes(32);

/**
 * Encrypts `plaintext`. The result is a format byte, the nonce, the tag and the ciphertext. `context` names the row that will
 * hold the result, so a result that is copied into another row cannot be decrypted.
 */
export function seal(key: Buffer, context: string, plaintext: Buffer): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.from([FORMAT]), nonce, cipher.getAuthTag(), ciphertext]);
}

/**
 * Decrypts the result of {@link seal}. @throws ArchiveUnreadable if the key or the context differs, or the bytes were changed.
 */
export function open(key: Buffer, context: string, sealed: Buffer): Buffer {
  const start = 1 + NONCE_BYTES + TAG_BYTES;
  if (sealed[0] !== FORMAT || sealed.length < start) {
    throw new ArchiveUnreadable("Its bytes have an unknown format.");
  }
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(1, 1 + NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, start));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(start)), decipher.final()]);
  } catch (cause) {
    throw new ArchiveUnreadable("Its key does not fit: the row or its key was changed.", { cause });
  }
}

/** A key as it is stored: encrypted by the key of ARCHIVE_KEY that has the id `wrappedBy`. */
export type WrappedKey = { wrappedBy: string; wrapped: Buffer };

/** Encrypts a key with the first key of ARCHIVE_KEY. @throws ArchiveUnreadable without ARCHIVE_KEY. */
export function wrap(ring: ArchiveKey[], context: string, key: Buffer): WrappedKey {
  const [current] = ring;
  if (!current) throw new ArchiveUnreadable("ARCHIVE_KEY is not set.");
  return { wrappedBy: current.id, wrapped: seal(current.key, context, key) };
}

/**
 * Decrypts a stored key. @throws ArchiveUnreadable if ARCHIVE_KEY lacks the key that wrapped it, or has a different key with the
 * same id.
 */
export function unwrap(ring: ArchiveKey[], context: string, stored: WrappedKey): Buffer {
  const found = ring.find(({ id }) => id === stored.wrappedBy);
  if (!found)
    throw new ArchiveUnreadable(`ARCHIVE_KEY has no key with the id ${stored.wrappedBy}.`);
  return open(found.key, context, stored.wrapped);
}

/** Returns the keyed hash of an id or an e-mail address. Case and Unicode form of an address do not matter. */
export function lookupHash(lookupKey: Buffer, idOrAddress: string): Buffer {
  const text = idOrAddress.includes("@")
    ? idOrAddress.trim().normalize("NFC").toLowerCase()
    : idOrAddress.trim();
  return createHmac("sha256", lookupKey).update(text).digest();
}
