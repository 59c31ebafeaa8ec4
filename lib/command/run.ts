/** What every command of ours begins and ends with: the env files, one legible line on a person's mistake, a closed pool. */
import nextEnv from "@next/env";
import { database } from "../db";
import { EnvError, env } from "../env";

/** A mistake on the command line, or a state that only a person can change; the message says the remedy. */
export class CommandError extends Error {
  override name = "CommandError";
}

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Resolves when somebody asks the process to end. */
export function untilTerminated(): Promise<void> {
  return new Promise((resolve) => {
    process.once("SIGINT", () => resolve());
    process.once("SIGTERM", () => resolve());
  });
}

export async function runCommand(command: (args: string[]) => Promise<void>): Promise<void> {
  nextEnv.loadEnvConfig(process.cwd(), false, { info: () => {}, error: () => {} });
  try {
    env();
    await command(process.argv.slice(2)).finally(() => database().pool.end());
  } catch (error) {
    const isMistake = error instanceof CommandError || error instanceof EnvError;
    process.stderr.write(`${isMistake ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
