/**
 * Writes a zip archive as a stream, entry by entry. Reads and compresses an entry only as fast as the consumer takes the
 * archive's bytes, and stops when the consumer stops. Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
 */
import { pipeline, Readable } from "node:stream";
import { constants, crc32, createDeflateRaw } from "node:zlib";

export type ZipEntry = { name: string; content: AsyncIterable<string> | Iterable<string> };

/** The flags of each entry: bit 3, because sizes and CRC follow the data, and bit 11, because the name is UTF-8. */
const FLAGS = 0x0808;
const VERSION = 20;
const DEFLATE = 8;
const MAX_BYTES = 0xffff_ffff;

type Written = {
  name: Buffer;
  offset: number;
  crc: number;
  size: number;
  compressedSize: number;
};

/** Converts a time to the MS-DOS format, in UTC: years count from 1980, and seconds are even. */
function dosTime(at: Date): { date: number; time: number } {
  return {
    date: ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}

/** Encodes little-endian fields, each given as its value and its number of bytes. */
function fields(...given: (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  const buffer = Buffer.alloc(given.reduce((sum, [, bytes]) => sum + bytes, 0));
  let offset = 0;
  for (const [value, bytes] of given) offset = buffer.writeUIntLE(value, offset, bytes);
  return buffer;
}

function localHeader(name: Buffer, at: Date): Buffer {
  const { date, time } = dosTime(at);
  const head = fields(
    ...([
      [0x04034b50, 4],
      [VERSION, 2],
      [FLAGS, 2],
      [DEFLATE, 2],
      [time, 2],
      [date, 2],
    ] as const),
    ...([
      [0, 4],
      [0, 4],
      [0, 4],
      [name.length, 2],
      [0, 2],
    ] as const),
  );
  return Buffer.concat([head, name]);
}

function directoryEntry({ name, crc, size, compressedSize, offset }: Written, at: Date): Buffer {
  const { date, time } = dosTime(at);
  const head = fields(
    ...([
      [0x02014b50, 4],
      [VERSION, 2],
      [VERSION, 2],
      [FLAGS, 2],
      [DEFLATE, 2],
    ] as const),
    ...([
      [time, 2],
      [date, 2],
      [crc, 4],
      [compressedSize, 4],
      [size, 4],
    ] as const),
    ...([
      [name.length, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [offset, 4],
    ] as const),
  );
  return Buffer.concat([head, name]);
}

/** @throws RangeError for more than 4 GiB: the zip format needs its 64-bit extension for that, which this file does not write. */
function requireSmall(bytes: number): void {
  if (bytes > MAX_BYTES) throw new RangeError("The archive is larger than 4 GiB.");
}

export async function* zip(
  entries: AsyncIterable<ZipEntry> | Iterable<ZipEntry>,
  at: Date,
): AsyncGenerator<Buffer, void, undefined> {
  const written: Written[] = [];
  let offset = 0;
  for await (const { name, content } of entries) {
    const entry = { name: Buffer.from(name), offset, crc: 0, size: 0, compressedSize: 0 };
    const header = localHeader(entry.name, at);
    yield header;
    const counted = async function* () {
      for await (const text of content) {
        const bytes = Buffer.from(text);
        entry.crc = crc32(bytes, entry.crc);
        entry.size += bytes.length;
        yield bytes;
      }
    };
    const deflate = createDeflateRaw({ level: constants.Z_DEFAULT_COMPRESSION });
    // `pipeline` stops the source when the loop below ends early. The callback ignores errors, because the loop throws an error
    // of the source anyway.
    pipeline(Readable.from(counted(), { highWaterMark: 1 }), deflate, () => undefined);
    for await (const chunk of deflate) {
      const bytes = Buffer.from(chunk);
      entry.compressedSize += bytes.length;
      yield bytes;
    }
    requireSmall(Math.max(entry.size, entry.compressedSize));
    const descriptor = fields(
      ...([
        [0x08074b50, 4],
        [entry.crc, 4],
        [entry.compressedSize, 4],
        [entry.size, 4],
      ] as const),
    );
    yield descriptor;
    offset += header.length + entry.compressedSize + descriptor.length;
    requireSmall(offset);
    written.push(entry);
  }
  const directory = Buffer.concat(written.map((entry) => directoryEntry(entry, at)));
  const count = written.length;
  const end = fields(
    ...([
      [0x06054b50, 4],
      [0, 2],
      [0, 2],
      [count, 2],
      [count, 2],
    ] as const),
    ...([
      [directory.length, 4],
      [offset, 4],
      [0, 2],
    ] as const),
  );
  yield Buffer.concat([directory, end]);
}
