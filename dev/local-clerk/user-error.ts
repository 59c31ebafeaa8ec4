// The package's one error class for a mistake that the reader of the message can correct, and the one way to print an error and
// end a program. The app has its own in lib/errors.ts: the package imports nothing outside its folder, and `lib` nothing of
// `dev`. The app recognizes this class by its name.

/** The message is one line that names the remedy; it is printed without a stack. Every other error is a defect. */
export class UserError extends Error {
  override name = "UserError";
}

/** Runs the main function of a program and sets the exit code that it returns; 1 for an error, which is printed. */
export async function runMain(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof UserError ? error.message : error);
    process.exitCode = 1;
  }
}
