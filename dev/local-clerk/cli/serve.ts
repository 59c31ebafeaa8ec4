// `local-clerk serve`: prints the app's variables to stdout, in the form of an .env file, and runs until Ctrl-C.

import { startLocalClerk } from "../start";
import type { StartOptions } from "./options";

export async function serve(options: StartOptions): Promise<number> {
  const clerk = await startLocalClerk({ ...options, log: (line) => console.error(line) });
  for (const [name, value] of Object.entries(clerk.env)) {
    console.log(`${name}=${JSON.stringify(value)}`);
  }
  console.error(
    `Local Clerk: ${clerk.url}/__clerk/dev (password of every seeded user: ${clerk.password})`,
  );
  await new Promise<void>((resolve) => {
    // SIGHUP: the terminal was closed. Without a listener, Node would exit before the state is written.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
      process.on(signal, () => resolve());
  });
  await clerk.close();
  return 0;
}
