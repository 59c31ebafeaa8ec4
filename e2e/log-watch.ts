/** Collects the apps' logs during the tests and checks that they contain no secret and no personal data. */
import type { ChildProcess } from "node:child_process";

/**
 * Test users have addresses at example.com, and most have the last name Amsel. So these patterns would match a logged request
 * body.
 */
const PRIVATE: Record<string, RegExp> = {
  "a token": /eyJ[\w-]{8,}\.[\w-]{8,}/,
  "an e-mail address": /[\w.+-]+@example\.com/i,
  "a name": /\bAmsel\b/,
  "a secret": /\b(sk_live_|whsec_)\w/,
};

export class LogWatch {
  readonly #chunks: Buffer[] = [];

  follow({ stdout, stderr }: ChildProcess): void {
    stdout?.on("data", (chunk) => this.#chunks.push(chunk));
    stderr?.on("data", (chunk) => {
      this.#chunks.push(chunk);
      process.stderr.write(chunk);
    });
  }

  /** @throws when the log holds one of `secrets` or personal data. */
  requireNothingPrivate(secrets: string[]): void {
    const lines = Buffer.concat(this.#chunks).toString("utf8").split("\n");
    for (const line of lines) {
      const found = Object.entries(PRIVATE).find(([, pattern]) => pattern.test(line))?.[0];
      const isSecret = secrets.some((secret) => line.includes(secret));
      if (found || isSecret) {
        throw new Error(`the app's log holds ${found ?? "a secret"}: ${line.slice(0, 500)}`);
      }
    }
  }
}
