// The append-only file that holds the state. One line is one committed change: a JSON list of puts and drops. A kill can leave an
// incomplete last line, which is discarded. Any other unreadable line makes the start fail, because a skipped line would lose
// data silently.

import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  truncateSync,
  writeSync,
} from "node:fs";
import { z } from "zod";
import { UserError } from "../user-error";

const operation = z.union([
  z.tuple([z.literal("put"), z.string(), z.unknown()]),
  z.tuple([z.literal("drop"), z.string(), z.string()]),
]);
const change = z.array(operation);
export type Operation = z.infer<typeof operation>;

const linesPerWrite = 1_000;
const bytesPerRead = 1 << 20;
const newline = 0x0a;

export class Journal {
  readonly #path: string;
  #file: number | null = null;
  /** The length in bytes of all complete lines. After a write that failed half way, the file is longer. */
  #completeBytes = 0;
  #hasPartialLine = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Applies every operation of the file, read in chunks, and returns their number. Call once, before the
   * first `append`.
   */
  replay(apply: (operation: Operation) => void): number {
    if (!existsSync(this.#path)) return 0;
    const file = openSync(this.#path, "r");
    let [line, operations, completeBytes] = [0, 0, 0];
    let rest = Buffer.alloc(0);
    try {
      for (;;) {
        const chunk = Buffer.alloc(bytesPerRead);
        const length = readSync(file, chunk, 0, bytesPerRead, null);
        if (length === 0) break;
        const bytes = Buffer.concat([rest, chunk.subarray(0, length)]);
        let start = 0;
        for (let stop = bytes.indexOf(newline); stop >= 0; stop = bytes.indexOf(newline, start)) {
          line += 1;
          for (const each of this.#parse(bytes.toString("utf8", start, stop), line)) {
            this.#apply(each, line, apply);
            operations += 1;
          }
          start = stop + 1;
        }
        completeBytes += start;
        rest = bytes.subarray(start);
      }
    } finally {
      closeSync(file);
    }
    if (rest.length > 0) truncateSync(this.#path, completeBytes);
    return operations;
  }

  /** Appends one line. When the write fails, for example on a full disk, removes the written part of the line and throws. */
  append(operations: readonly Operation[]): void {
    if (this.#file === null) {
      this.#file = openSync(this.#path, "a", 0o600);
      this.#completeBytes = fstatSync(this.#file).size;
    }
    const line = Buffer.from(`${JSON.stringify(operations)}\n`);
    this.#truncatePartialLine(this.#file);
    this.#hasPartialLine = true;
    try {
      writeAll(this.#file, line);
    } catch (error) {
      this.#truncatePartialLine(this.#file);
      throw error;
    }
    this.#hasPartialLine = false;
    this.#completeBytes += line.length;
  }

  #truncatePartialLine(file: number): void {
    if (this.#hasPartialLine) ftruncateSync(file, this.#completeBytes);
    this.#hasPartialLine = false;
  }

  /** Replaces the file's content with one put per record. When writing fails, the old file is unchanged. */
  rewrite(operations: Iterable<Operation>): void {
    this.close();
    const draft = `${this.#path}.new`;
    const file = openSync(draft, "w", 0o600);
    try {
      let lines: string[] = [];
      for (const each of operations) {
        lines.push(`${JSON.stringify([each])}\n`);
        if (lines.length === linesPerWrite) {
          writeAll(file, Buffer.from(lines.join("")));
          lines = [];
        }
      }
      writeAll(file, Buffer.from(lines.join("")));
      fsyncSync(file);
    } catch (error) {
      rmSync(draft, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    renameSync(draft, this.#path);
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file);
    this.#file = null;
  }

  #parse(text: string, line: number): Operation[] {
    try {
      return change.parse(JSON.parse(text));
    } catch (cause) {
      throw new UserError(
        `Local Clerk: ${this.#path} is damaged at line ${line}. Delete its folder to start from the seed.`,
        { cause },
      );
    }
  }

  /**
   * Applies one operation. The schema adds the defaults of new fields to a record that an older version wrote. @throws UserError
   * if a record fails its schema.
   */
  #apply(operation: Operation, line: number, apply: (operation: Operation) => void): void {
    try {
      apply(operation);
    } catch (cause) {
      throw new UserError(
        `Local Clerk: line ${line} of ${this.#path} was written by another version and cannot be read by this one. Go back to that version, or move the folder away to start from the seed.`,
        { cause },
      );
    }
  }
}

/**
 * Writes all bytes. On a full disk, `writeSync` may write only some of the bytes without an error; the next call then throws the
 * error.
 */
function writeAll(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
