/** What must hold before the first request: a wrong environment ends the process with one line that names the remedy. */
import { EnvError, env } from "./env";

export function boot(): void {
  try {
    env();
  } catch (error) {
    if (!(error instanceof EnvError)) throw error;
    // Thrown on, it would leave a server that answers 500 to everything.
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
