/** Requests and reads the data archive of a user. */
import { crc32, inflateRawSync } from "node:zlib";
import { z } from "zod";
import { signToken } from "./sign";

export const archiveRequest = (
  claims: Record<string, unknown>,
  headers: Record<string, string> = {},
) =>
  new Request("https://rollcall.test/api/account/archive", {
    headers: {
      authorization: `Bearer ${signToken(process.env.TEST_PRIVATE_KEY ?? "", claims)}`,
      ...headers,
    },
  });

function requireSignature(archive: Buffer, at: number, signature: number): void {
  if (archive.readUInt32LE(at) !== signature) throw new Error(`no zip signature at ${at}`);
}

/**
 * Returns the files that the central directory of a zip file lists. Checks sizes and CRCs. @throws if the zip file is damaged.
 */
export function unzip(archive: Buffer): Map<string, string> {
  const files = new Map<string, string>();
  const end = archive.length - 22;
  requireSignature(archive, end, 0x06054b50);
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    requireSignature(archive, at, 0x02014b50);
    const [crc, compressed, size] = [16, 20, 24].map((field) => archive.readUInt32LE(at + field));
    const nameLength = archive.readUInt16LE(at + 28);
    const offset = archive.readUInt32LE(at + 42);
    const name = archive.toString("utf8", at + 46, at + 46 + nameLength);
    requireSignature(archive, offset, 0x04034b50);
    const start = offset + 30 + archive.readUInt16LE(offset + 26);
    const content = inflateRawSync(archive.subarray(start, start + Number(compressed)));
    if (content.length !== size || crc32(content) !== crc) throw new Error(`${name} is damaged`);
    files.set(name, content.toString("utf8"));
    at += 46 + nameLength;
  }
  return files;
}

/** Parses the rows of a table from the files of a data archive. */
export function rowsOf(files: Map<string, string>, table: string): Record<string, unknown>[] {
  const text = files.get(`data/${table}.json`);
  if (text === undefined) throw new Error(`no file of ${table}`);
  return z.array(z.record(z.string(), z.unknown())).parse(JSON.parse(text));
}
