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
 * Returns the text to print for an error: message, or stack and causes. Other properties are left out: `detail` of a database
 * error contains the row.
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
 * Handles failed writes to stdout and stderr. A reader that has closed the pipe, such as `head`, does not end the program: its work
 * goes on without output. Any other failure, such as a full disk, is printed and sets the exit code to 1.
 */
function handleFailedOutput(): void {
  const fail = (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE" || process.exitCode === 1) return;
    process.exitCode = 1;
    process.stderr.write(`The output cannot be written: ${error.message}.\n`);
  };
  process.stdout.on("error", fail);
  process.stderr.on("error", fail);
}

/** Runs the main function of a program. A failure is printed and sets the exit code to 1. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  handleFailedOutput();
  try {
    await main();
  } catch (error) {
    printError(error);
    process.exitCode = 1;
  }
}
