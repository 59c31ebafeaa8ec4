// Records which operations and events matched Clerk's published schema, and in which test. Several test processes append to the
// ledger, and the coverage table reads it. Every version of the source has its own ledger.

import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A test file, relative to the package, and the full name of a test in it. */
export type TestReference = { file: string; name: string };

/** The tests that covered each operation or event. Keys are, for example, `bapi GET /v1/users` and `webhook user.created`. */
export type Sightings = ReadonlyMap<string, readonly TestReference[]>;

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

  record(subject: string, test: TestReference): void {
    // Creates the folder before each entry, because another process may have cleared the ledger.
    mkdirSync(this.#folder, { recursive: true });
    const line = [subject, test.file, test.name.replaceAll(/\s+/g, " ")].join("\t");
    appendFileSync(join(this.#folder, String(process.pid)), `${line}\n`);
  }

  /** Returns the recorded tests; empty when no test has run on this version of the source. */
  read(): Sightings {
    if (!existsSync(this.#folder)) return new Map();
    const lines = readdirSync(this.#folder).flatMap((file) =>
      readFileSync(join(this.#folder, file), "utf8").split("\n").filter(Boolean),
    );
    const sightings = new Map<string, TestReference[]>();
    for (const line of new Set(lines)) {
      const [subject = "", file = "", name = ""] = line.split("\t");
      const tests = sightings.get(subject) ?? [];
      tests.push({ file, name });
      sightings.set(subject, tests);
    }
    return sightings;
  }

  /** Deletes the ledgers of all versions of the source. */
  clear(): void {
    rmSync(this.#parent, { recursive: true, force: true });
  }
}

/** Returns a hash of every source file, test and API description under a folder. */
export function fingerprintOf(folder: string): string {
  const hash = createHash("sha256");
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((each) => each.isFile() && /\.(ts|json|yml|css|html|js)$/.test(each.name))
    .map((each) => join(each.parentPath, each.name))
    .sort();
  for (const file of files) hash.update(file.slice(folder.length)).update(readFileSync(file));
  return hash.digest("hex").slice(0, 16);
}

let current: Ledger | undefined;

export function ledgerOfThisSource(): Ledger {
  const source = fileURLToPath(new URL("..", import.meta.url));
  const parent = join(process.cwd(), "node_modules/.cache/local-clerk-contract");
  current ??= new Ledger(parent, fingerprintOf(source));
  return current;
}
