/**
 * An error a person can cause and a person can cure. Its message is one line that names the remedy,
 * and it is shown without a stack. Everything else that is thrown is a defect and keeps its stack.
 */
export class UserError extends Error {
  override name = "UserError";
}
