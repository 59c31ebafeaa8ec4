// Ids in Clerk's format: a prefix and a KSUID of 27 characters, which sorts by time. `derivedId` hashes a name instead, so that a
// seed creates the same ids on every machine.

import { createHash, randomBytes } from "node:crypto";

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Base-62 digits per step of the conversion: 62^8 is a safe integer, and a BigInt division for each digit would be slow. */
const digitsPerChunk = 8;
const chunk = 62n ** BigInt(digitsPerChunk);
/** The epoch of KSUIDs, in seconds since 1970: May 2014. */
const ksuidEpoch = 1_400_000_000;

function base62(bytes: Buffer, length: number): string {
  let value = BigInt(`0x${bytes.toString("hex")}`);
  let text = "";
  while (text.length < length) {
    let part = Number(value % chunk);
    value /= chunk;
    for (let place = 0; place < digitsPerChunk && text.length < length; place += 1) {
      text = alphabet.charAt(part % 62) + text;
      part = Math.floor(part / 62);
    }
  }
  return text;
}

export function newId(prefix: string, now: number): string {
  const stamp = Buffer.alloc(4);
  stamp.writeUInt32BE(Math.floor(now / 1000) - ksuidEpoch);
  return `${prefix}_${base62(Buffer.concat([stamp, randomBytes(16)]), 27)}`;
}

export function derivedId(prefix: string, name: string): string {
  return `${prefix}_${base62(createHash("sha256").update(`${prefix}:${name}`).digest().subarray(0, 20), 27)}`;
}

export function randomToken(length: number): string {
  return base62(randomBytes(length), length);
}
