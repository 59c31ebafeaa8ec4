/**
 * How every command starts and ends: loads the env files, refuses a wrong environment, closes the connection pool, and prints
 * a failure through {@link runMain}.
 */
import nextEnv from "@next/env";
import { closeDatabase } from "../db";
import { env } from "../env";
import { runMain } from "../errors";

type Command = (args: string[]) => Promise<void> | void;

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves on SIGINT or SIGTERM. */
export function untilTerminated(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

/** Is this file the program, and not imported by a test? */
export function isProgram(file: string): boolean {
  return process.argv[1] === file;
}

/** `needsEnv: false` is for commands that only read source files: they run without any setting. */
export function runCommand(command: Command, { needsEnv = true } = {}): Promise<void> {
  return runMain(async () => {
    nextEnv.loadEnvConfig(process.cwd(), false, { info: () => {}, error: () => {} });
    if (needsEnv) env();
    try {
      await command(process.argv.slice(2));
    } finally {
      await closeDatabase();
    }
  });
}
