// `local-clerk exec -- COMMAND`: starts a local Clerk on a free port and runs COMMAND with the app's variables in its
// environment. When COMMAND exits, stops the local Clerk and exits with COMMAND's exit code.

import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:os";
import { startLocalClerk } from "../start";
import { UserError } from "../user-error";
import type { StartOptions } from "./options";

type ExecOptions = {
  start: StartOptions;
  command: string;
  args: string[];
  /** The file to which the local Clerk's state is written after COMMAND has ended. */
  exportTo?: string;
};

export async function exec({ start, command, args, exportTo }: ExecOptions): Promise<number> {
  const clerk = await startLocalClerk({ ...start, log: (line) => console.error(line) });
  try {
    console.error(
      `Local Clerk: ${clerk.url}/__clerk/dev (password of every seeded user: ${clerk.password})`,
    );
    const child = spawn(command, args, {
      stdio: "inherit",
      env: { ...process.env, ...clerk.env },
      // On Windows, npm installs commands as .cmd files, which only a shell can start.
      shell: process.platform === "win32",
    });
    const stopForwarding = forwardSignals(child);
    try {
      return await exitCodeOf(child, command);
    } finally {
      stopForwarding();
      if (exportTo !== undefined) clerk.exportState(exportTo);
    }
  } finally {
    await clerk.close();
  }
}

/**
 * Forwards signals to the command. Forwards SIGINT only without a terminal, because on Ctrl-C a terminal itself sends SIGINT to
 * the command. Returns a function that stops the forwarding.
 */
function forwardSignals(child: ChildProcess): () => void {
  const forward = (signal: NodeJS.Signals) => {
    if (signal !== "SIGINT" || !process.stdin.isTTY) child.kill(signal);
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const signal of signals) process.on(signal, forward);
  return () => {
    for (const signal of signals) process.off(signal, forward);
  };
}

/** Resolves to the command's exit code. If a signal ended the command, resolves to 128 plus the signal's number, as in shells. */
function exitCodeOf(child: ChildProcess, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (cause) =>
      reject(new UserError(`Cannot run ${command}: ${cause.message}`, { cause })),
    );
    child.once("exit", (code, signal) =>
      resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)),
    );
  });
}
