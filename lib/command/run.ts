/**
 * Starts and ends every command. Loads the env files. If the command has no settings of its own, uses those of a running `npm run
 * dev`. Stops if a variable is missing or invalid. Closes the connection pool at the end. {@link runMain} prints a failure: a
 * UserError or a known database fault as its message, any other error with its stack.
 */
import { type ParseArgsConfig, parseArgs } from "node:util";
import nextEnv from "@next/env";
import { findDatabaseFault } from "../database-fault";
import { parseDatabaseUrl } from "../database-url";
import { closeDatabase } from "../db";
import { EXIT_MS, startDraining } from "../draining";
import { env } from "../env";
import { runMain, UserError } from "../errors";
import { loadDevStack } from "./dev-stack";
import { onNpmExit } from "./on-npm-exit.mjs";

type Command = (args: string[]) => Promise<void> | void;

export function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/**
 * Parses the options and positional arguments of a command line. @throws UserError with `usage` for an unknown option or
 * argument.
 */
export function parseArguments<const T extends ParseArgsConfig>(
  config: T,
  usage: string,
): ReturnType<typeof parseArgs<T>> {
  try {
    return parseArgs(config);
  } catch {
    throw new UserError(usage);
  }
}

/** For the `catch` of a server that cannot listen on `port`, which `variable` sets. */
export const portUnusable =
  (port: number, variable: string) =>
  (cause: unknown): never => {
    throw new UserError(`Port ${port} cannot be used: choose another with ${variable}.`, { cause });
  };

/** A signal within this time (ms) of the first one is the same Ctrl-C: the terminal and npm both send it. */
const SAME_KEYPRESS_MS = 1_000;

/**
 * Resolves on SIGINT, SIGTERM or SIGHUP (a closed terminal), or when the `npm run` that started this process has exited. From then
 * on, readiness is false. After 30 s, or at a second signal more than a second later, the process exits. Call this first: until
 * then, a signal ends the process at once.
 */
export function untilTerminated(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    let endingSince: number | undefined;
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        endingSince ??= performance.now();
        if (performance.now() - endingSince > SAME_KEYPRESS_MS) process.exit(1);
        setTimeout(() => process.exit(1), EXIT_MS).unref();
        startDraining();
        resolve(signal);
      });
    }
    onNpmExit(() => resolve("SIGTERM"));
  });
}

/** True if Node runs `file` as its program, false if another module imports it. */
export function isProgram(file: string): boolean {
  return process.argv[1] === file;
}

/** Returns the error to print: for a known database fault, a UserError that says what is wrong and what to do. */
function withRemedy(error: unknown, needsEnv: boolean): unknown {
  if (!needsEnv || error instanceof UserError) return error;
  const fault = findDatabaseFault(error, parseDatabaseUrl(env().databaseUrl).label);
  return fault ? new UserError(`${fault.sentence} ${fault.remedy}`, { cause: error }) : error;
}

/** Uses the variables of a running `npm run dev` if the command has no settings of its own, and prints a line that says so. */
export function loadDevStackIfRunning(): void {
  const devUrl = loadDevStack();
  if (devUrl !== null) process.stderr.write(`Using the stack of npm run dev (${devUrl}).\n`);
}

/**
 * Runs a command as a program. Pass `needsEnv: false` for a command that needs no environment variables, or that reports invalid
 * ones itself.
 */
export function runCommand(command: Command, { needsEnv = true } = {}): Promise<void> {
  return runMain(async () => {
    nextEnv.loadEnvConfig(process.cwd(), false, { info: () => {}, error: () => {} });
    if (needsEnv) {
      loadDevStackIfRunning();
      env();
    }
    try {
      await command(process.argv.slice(2));
    } catch (error) {
      throw withRemedy(error, needsEnv);
    } finally {
      await closeDatabase();
    }
  });
}
