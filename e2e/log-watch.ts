/** What the apps wrote while the stories ran. None of it may be a secret, or somebody's. */
import type { ChildProcess } from "node:child_process";

/** Everybody in the stories has an address at example.com, most are called Amsel: of a body, that is what would show. */
const PRIVATE: Record<string, RegExp> = {
  "a token": /eyJ[\w-]{8,}\.[\w-]{8,}/,
  "an e-mail address": /[\w.+-]+@example\.com/i,
  "a name": /\bAmsel\b/,
  "a secret": /\b(sk_live_|whsec_)\w/,
};

export class LogWatch {
  readonly #written: Buffer[] = [];

  follow({ stdout, stderr }: ChildProcess): void {
    stdout?.on("data", (chunk) => this.#written.push(chunk));
    stderr?.on("data", (chunk) => {
      this.#written.push(chunk);
      process.stderr.write(chunk);
    });
  }

  /** @throws when the log holds one of `secrets`, or anything private. */
  requireNothingPrivate(secrets: string[]): void {
    const lines = Buffer.concat(this.#written).toString("utf8").split("\n");
    for (const line of lines) {
      const found = Object.entries(PRIVATE).find(([, pattern]) => pattern.test(line))?.[0];
      const isSecret = secrets.some((secret) => line.includes(secret));
      if (found || isSecret) {
        throw new Error(`the app's log holds ${found ?? "a secret"}: ${line.slice(0, 500)}`);
      }
    }
  }
}
