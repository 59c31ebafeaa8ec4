// Which operations and events were seen to answer in their published shape, noted in a folder by the processes
// that run the tests, for the coverage listing. It belongs to one state of the source: what another one did
// says nothing of this one.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export class Ledger {
  readonly #parent: string;
  readonly #fingerprint: string;

  constructor(parent: string, fingerprint: string) {
    this.#parent = parent;
    this.#fingerprint = fingerprint;
  }

  get #folder(): string {
    return join(this.#parent, this.#fingerprint);
  }

  note(name: string): void {
    // Each time: another process may have cleared it.
    mkdirSync(this.#folder, { recursive: true });
    appendFileSync(join(this.#folder, String(process.pid)), `${name}\n`);
  }

  /** Empty when no test has run on this source. */
  read(): Set<string> {
    if (!existsSync(this.#folder)) return new Set();
    const texts = readdirSync(this.#folder).map((file) =>
      readFileSync(join(this.#folder, file), "utf8"),
    );
    return new Set(texts.flatMap((text) => text.split("\n").filter(Boolean)));
  }

  /** What was seen of other sources goes too. */
  clear(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

/** Of every program text and description under a folder, its tests included. */
export function fingerprintOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && /\.(ts|json|yml|css|html|js)$/.test(each.name))
    .map((each) => join(each.parentPath, each.name))
    .sort();
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

let known: Ledger | undefined;

/** Of the local Clerk as it is now. */
export function ledgerOfThisSource(): Ledger {
  const source = fileURLToPath(new URL("..", import.meta.url));
  const parent = join(process.cwd(), "node_modules/.cache/local-clerk-contract");
  known ??= new Ledger(parent, fingerprintOf(source));
  return known;
}
