// The file that everything is remembered in. One line is one change, whole or not at all: a JSON list
// of puts and drops. A line torn by a kill is forgotten; nonsense anywhere else stops the start,
// because guessing would lose data quietly.

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
  /** How much of the file is whole lines; more than that is there when a write failed half way. */
  #whole = 0;
  #isTorn = false;

  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Reads what was written before, a piece at a time, and says how many operations it was. Call once,
   * before the first `append`.
   */
  replay(apply: (operation: Operation) => void): number {
    if (!existsSync(this.#path)) return 0;
    const file = openSync(this.#path, "r");
    let [line, operations, whole] = [0, 0, 0];
    let rest = Buffer.alloc(0);
    try {
      for (;;) {
        const piece = Buffer.alloc(bytesPerRead);
        const length = readSync(file, piece, 0, bytesPerRead, null);
        if (length === 0) break;
        const bytes = Buffer.concat([rest, piece.subarray(0, length)]);
        let start = 0;
        for (let stop = bytes.indexOf(newline); stop >= 0; stop = bytes.indexOf(newline, start)) {
          line += 1;
          for (const each of this.#parse(bytes.toString("utf8", start, stop), line)) {
            this.#apply(each, line, apply);
            operations += 1;
          }
          start = stop + 1;
        }
        whole += start;
        rest = bytes.subarray(start);
      }
    } finally {
      closeSync(file);
    }
    if (rest.length > 0) truncateSync(this.#path, whole);
    return operations;
  }

  /** All of it, or it throws and nothing of it is there: a full disk is not met half way. */
  append(operations: readonly Operation[]): void {
    if (this.#file === null) {
      this.#file = openSync(this.#path, "a", 0o600);
      this.#whole = fstatSync(this.#file).size;
    }
    const line = Buffer.from(`${JSON.stringify(operations)}\n`);
    this.#cutTorn(this.#file);
    this.#isTorn = true;
    try {
      writeWhole(this.#file, line);
    } catch (error) {
      this.#cutTorn(this.#file);
      throw error;
    }
    this.#isTorn = false;
    this.#whole += line.length;
  }

  #cutTorn(file: number): void {
    if (this.#isTorn) ftruncateSync(file, this.#whole);
    this.#isTorn = false;
  }

  /** Replaces the file by the shortest one that says the same; when it cannot, the old one stands. */
  rewrite(operations: Iterable<Operation>): void {
    this.close();
    const draft = `${this.#path}.new`;
    const file = openSync(draft, "w", 0o600);
    try {
      let lines: string[] = [];
      for (const each of operations) {
        lines.push(`${JSON.stringify([each])}\n`);
        if (lines.length === linesPerWrite) {
          writeWhole(file, Buffer.from(lines.join("")));
          lines = [];
        }
      }
      writeWhole(file, Buffer.from(lines.join("")));
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

  /** What an older version wrote has its defaults filled in; what cannot be understood is not guessed at. */
  #apply(operation: Operation, line: number, apply: (operation: Operation) => void): void {
    try {
      apply(operation);
    } catch (cause) {
      throw new UserError(
        `Local Clerk: line ${line} of ${this.#path} was written by another version and cannot be read by this one. Go back to that version, or delete the folder to start from the seed.`,
        { cause },
      );
    }
  }
}

/** One call may write a part only; the next one then says why. */
function writeWhole(file: number, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done);
}
