// An error that the user can cause and fix. Its message is one line that names the remedy; the command
// prints it without a stack. Every other error is a defect and keeps its stack.

export class UserError extends Error {
  override name = "UserError";
}
