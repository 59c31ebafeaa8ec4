// The file that everything is remembered in. One line is one change, whole or not at all: a JSON list
// of puts and drops. A line torn by a kill is forgotten; nonsense anywhere else stops the start,
// because guessing would lose data quietly.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
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

  append(operations: readonly Operation[]): void {
    this.#file ??= openSync(this.#path, "a", 0o600);
    writeSync(this.#file, `${JSON.stringify(operations)}\n`);
  }

  /** Replaces the file by the shortest one that says the same. */
  rewrite(operations: Iterable<Operation>): void {
    this.close();
    const draft = `${this.#path}.new`;
    const file = openSync(draft, "w", 0o600);
    let lines: string[] = [];
    for (const each of operations) {
      lines.push(`${JSON.stringify([each])}\n`);
      if (lines.length === linesPerWrite) {
        writeSync(file, lines.join(""));
        lines = [];
      }
    }
    writeSync(file, lines.join(""));
    fsyncSync(file);
    closeSync(file);
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
