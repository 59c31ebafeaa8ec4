// The package's error class for mistakes that the reader of the message can correct, and `runMain`, which prints an error and
// ends a program. The app has its own class in lib/errors.ts, because the package imports nothing outside its folder and `lib`
// imports nothing of `dev`. The app recognizes this class by its name.

/**
 * An error that a user can correct. The message is one line with the remedy, printed without a stack. Any other error is a
 * defect.
 */
export class UserError extends Error {
  override name = "UserError";
}

/**
 * Runs the main function of a program, and sets the exit code that it returns. Prints an error that it throws, and sets exit code
 * 1.
 */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}
