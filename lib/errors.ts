/**
 * UserError is thrown for a mistake that the reader of its message can correct. Every other error is a defect and is printed with
 * its stack. Only this file prints an error and ends a program.
 */

/** The message is one line that says what is wrong and what to do; it is printed without a stack. */
export class UserError extends Error {
  override name = "UserError";
}

/** Compares the name, not the class: the local Clerk is a separate package with its own UserError. */
function isUserError(error: Error): boolean {
  return error.name === "UserError";
}

/**
 * Returns the text to print for an error: of a UserError the message, of any other error the stack and the causes. Leaves out
 * other properties, because `detail` of a database error contains the row.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (isUserError(error)) return error.message;
  const cause = error.cause === undefined ? "" : `\nCaused by: ${describeError(error.cause)}`;
  return `${error.stack ?? String(error)}${cause}`;
}

export function printError(error: unknown): void {
  process.stderr.write(`${describeError(error)}\n`);
}

/**
 * Keeps a process running when its output cannot be written: the reader of a pipe has gone (`head`, a log collector), or a disk is
 * full. Without a listener, the failure is an uncaught exception; Next logs that, which fails again, without end.
 */
export function surviveFailedOutput(onFailure: (error: NodeJS.ErrnoException) => void): void {
  process.stdout.on("error", onFailure);
  process.stderr.on("error", onFailure);
}

/** Prints why output cannot be written, and sets the exit code to 1. A reader that has gone, such as `head`, is no failure. */
function reportFailedOutput(error: NodeJS.ErrnoException): void {
  if (error.code === "EPIPE" || process.exitCode === 1) return;
  process.exitCode = 1;
  process.stderr.write(`The output cannot be written: ${error.message}.\n`);
}

/** Runs the main function of a program. A failure is printed and sets the exit code to 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  surviveFailedOutput(reportFailedOutput);
  try {
    await main();
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}
